#include "import/tables/measurement_csv.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/number.hpp"
#include "import/imported_points.hpp"
#include "import/nccl_tests/nccl_tests_check.hpp"
#include "import/nccl_tests/nccl_tests_names.hpp"
#include "import/tables/csv_columns.hpp"
#include "import/tables/csv_units.hpp"
#include "import/tables/csv_values.hpp"

namespace hockney::import {
namespace {

constexpr std::uint32_t nccl_tests_iterations = 20;  // -n of nccl-tests and rccl-tests
constexpr std::uint32_t most_ranks = 10'000'000;

std::optional<Element> element_of(const std::string& word) {
  if (const auto element = element_of_nccl_type(word)) {
    return element;
  }
  const auto& table = Names<Element>::table;
  const auto found = std::find_if(table.begin(), table.end(), [&](const auto& pair) { return pair.second == word; });
  return found == table.end() ? std::nullopt : std::optional(found->first);
}

Verification verification_of_wrong(const std::string& cell) {
  const auto wrong = read_printed_number(cell);
  return !wrong ? Verification::not_checked : wrong->value == 0 ? Verification::passed : Verification::failed;
}

// nccl-tests prints four digits, whatever its times are multiplied with afterwards.
PrintedNumber widened(PrintedNumber number) {
  constexpr double last_of_four_digits = 5e-4;
  return {number.value, std::max(number.half_step, last_of_four_digits * number.value)};
}

class TableImport {
 public:
  TableImport(const CsvTable& table, const std::vector<CsvColumn>& columns, std::vector<CsvValues> rows,
              const std::filesystem::path& file, const ImportOptions& options, std::vector<RefusedLine>& refused)
      : columns_(columns),
        rows_(std::move(rows)),
        file_(file),
        options_(options),
        refused_(refused),
        header_line_(table.header.line) {}

  ImportedTable run() {
    result_.first_line = header_line_;
    result_.last_line = rows_.empty() ? header_line_ : rows_.back().line;
    result_.rows = rows_.size();
    result_.title = "table of collectives";
    try {
      read();
    } catch (const InputError& reason) {
      result_.refusal = reason.what();
      result_.rows_used = result_.rows_of_size_zero = 0;
      result_.rows_refused = result_.rows;
    }
    return std::move(result_);
  }

 private:
  void read() {
    if (rows_.empty()) {
      throw InputError("no rows");
    }
    dialect_ = csv_dialect(columns_);
    if (!dialect_.program.empty()) {
      result_.title = fmt::format("{} table", dialect_.program);
    }
    units_ = settle_csv_units(columns_, rows_, dialect_);
    find_operation();
    find_ranks();
    std::vector<RefusedLine> refused;
    for (const CsvValues& row : rows_) {
      take(row, refused);
    }
    if (points_.empty() || 2 * contradictions_ > rows_.size()) {
      throw InputError(refused.empty()
                           ? "no row of a size above 0"
                           : fmt::format("{}; line {}: {}",
                                         points_.empty() ? "no usable row" : "most rows contradict themselves",
                                         refused.front().line, refused.front().reason));
    }
    refused_.insert(refused_.end(), refused.begin(), refused.end());
    finish();
  }

  bool has(CsvRole role) const {
    return std::any_of(columns_.begin(), columns_.end(), [&](const CsvColumn& each) { return each.role == role; });
  }

  void find_operation() {
    if (has(CsvRole::operation)) {
      operation_evidence_ = "named in the table";
      return;
    }
    operation_ = options_.operation;
    operation_evidence_ = "--operation";
    if (!operation_) {
      operation_ = operation_of_word(nccl_test_in_file_name(file_.stem().string()));
      operation_evidence_ = "from the file name";
    }
    if (!operation_) {
      throw InputError("neither the table nor the file name says which operation this is: pass --operation");
    }
  }

  void find_ranks() {
    if (has(CsvRole::ranks)) {
      ranks_evidence_ = "named in the table";
      return;
    }
    ranks_ = options_.ranks;
    ranks_evidence_ = "--ranks";
    if (!ranks_ && operation_) {
      ranks_ = ranks_of_busbw();
      ranks_evidence_ = "from busbw";
    }
    if (!ranks_) {
      throw InputError("the table does not say how many ranks there were: pass --ranks");
    }
  }

  NcclTestsResult in_nccl_units(const CsvResult& result) const {
    NcclTestsResult converted;
    if (result.time) {
      converted.time_us = widened({result.time->value * units_.time, result.time->half_step * units_.time});
    }
    if (result.busbw) {
      converted.busbw_gb_s =
          PrintedNumber{result.busbw->value * units_.bandwidth, result.busbw->half_step * units_.bandwidth};
    }
    return converted;
  }

  // The only count that a row allows, if nearly all rows allow it.
  std::optional<std::uint32_t> ranks_of_busbw() const {
    constexpr std::size_t one_in = 10;
    std::optional<std::uint32_t> only;
    std::vector<RankBounds> all;
    for (const CsvValues& row : rows_) {
      if (!row.size || *row.size <= 0 || !row.side[0].busbw) {
        continue;
      }
      all.push_back(ranks_of_result(*operation_, static_cast<std::uint64_t>(*row.size * units_.size),
                                    in_nccl_units(row.side[0])));
      only = only ? only : all.back().only();
    }
    const auto against = static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [&](const RankBounds& bounds) { return only && !bounds.allows(*only); }));
    return only && against * one_in <= all.size() ? only : std::nullopt;
  }

  void take(const CsvValues& row, std::vector<RefusedLine>& refused) {
    Case point;
    std::string reason = shape_of(row, point);
    if (reason.empty() && point.payload.count == 0) {
      ++result_.rows_of_size_zero;
      return;
    }
    reason = reason.empty() ? impossible_payload(point) : reason;
    std::vector<ImportedPoint> points;
    for (const std::size_t side : {0U, 1U}) {
      if (reason.empty()) {
        reason = add_side(row, side, point, points);
      }
    }
    if (reason.empty() && points.empty()) {
      reason = "no time in the row";
    }
    if (!reason.empty()) {
      refused.push_back({row.line, reason});
      ++result_.rows_refused;
      return;
    }
    ++result_.rows_used;
    points_.insert(points_.end(), std::make_move_iterator(points.begin()), std::make_move_iterator(points.end()));
  }

  std::string shape_of(const CsvValues& row, Case& point) {
    const auto operation = operation_ ? operation_ : operation_of_word(row.operation);
    if (!operation) {
      return fmt::format("operation '{}' is not one of Hockney's", row.operation);
    }
    point.become(*operation);
    point.transport = TransportKind::imported;
    point.mode = Mode::stream;
    point.fabric = options_.fabric.value_or(Fabric::unknown);
    const auto element = row.element.empty() ? std::optional(Element::float32) : element_of(row.element);
    if (!element) {
      return fmt::format("element type '{}' is not known", row.element);
    }
    element_assumed_ = element_assumed_ || row.element.empty();
    point.element = *element;
    const auto reduction = reduction_of_nccl_op(row.reduction);
    if (!reduction) {
      return fmt::format("reduction '{}' is not known", row.reduction);
    }
    if (is_reduction(*operation)) {
      point.own = *reduction;
    }
    point.algorithm = row.algorithm.substr(0, row.algorithm == "default" ? 0 : longest_pin);
    point.protocol = row.protocol.substr(0, row.protocol == "default" ? 0 : longest_pin);
    const std::string reason = group_of(row, point);
    return reason.empty() ? payload_of(row, point) : reason;
  }

  std::string group_of(const CsvValues& row, Case& point) {
    std::optional<std::uint32_t> ranks = ranks_ ? ranks_ : row.ranks;
    if (!ranks || *ranks > most_ranks) {
      return "no number of ranks in the row";
    }
    std::optional<std::uint32_t> per_node = row.ranks_per_node;
    const std::uint32_t gpus = row.gpus_per_rank.value_or(1);
    if (gpus > 1 && gpus <= most_ranks / *ranks) {
      *ranks *= gpus;
      per_node = per_node ? std::optional(*per_node * gpus) : std::nullopt;
    }
    std::optional<std::uint32_t> nodes = row.nodes;
    if (!nodes && !per_node) {
      nodes = options_.nodes;
      per_node = options_.ranks_per_node;
    }
    if (!nodes && !per_node && dialect_.one_node) {
      nodes = 1;
    }
    try {
      point.group = group_on_nodes(*ranks, nodes, per_node);
    } catch (const InputError& reason) {
      return reason.what();
    }
    return {};
  }

  std::string payload_of(const CsvValues& row, Case& point) const {
    constexpr double largest = 1LL << 53;
    const double element_bytes = static_cast<double>(size_of(point.element).count);
    double bytes = 0;
    if (row.size) {
      bytes = *row.size * (dialect_.size_in_elements ? element_bytes : units_.size);
    } else if (row.count) {
      bytes = *row.count * element_bytes;
    } else {
      return "no size in the row";
    }
    if (!(bytes >= 0) || bytes >= largest || bytes != std::floor(bytes)) {
      return fmt::format("size is {} B, expected a whole number", significant(bytes));
    }
    point.payload = Bytes{static_cast<std::uint64_t>(bytes)};
    return {};
  }

  // Appends the side's point. Returns why the side is refused.
  std::string add_side(const CsvValues& row, std::size_t side, const Case& shape, std::vector<ImportedPoint>& points) {
    const CsvResult& result = row.side[side];
    const auto bytes = static_cast<double>(shape.payload.count);
    ImportedPoint imported;
    if (units_.has_time && result.time && result.time->value > 0) {
      imported.time_us = {result.time->value * units_.time, result.time->half_step * units_.time};
    } else if (!units_.has_time && result.algbw && result.algbw->value > 0) {
      constexpr double us_gb_s_per_byte = 1e-3;
      const double time = bytes * us_gb_s_per_byte / (result.algbw->value * units_.bandwidth);
      imported.time_us = {time, time * result.algbw->half_step / result.algbw->value};
    } else {
      return {};
    }
    if (!is_time_us(imported.time_us.value)) {
      return fmt::format("{} us is no time of an operation", imported.time_us.value);
    }
    const std::string reason = contradiction(shape, result, imported.time_us);
    if (!reason.empty()) {
      ++contradictions_;
      return reason;
    }
    imported.line = row.line;
    imported.point = shape;
    imported.point.in_place = side == 1 || row.in_place.value_or(false);
    imported.iterations = row.iterations.value_or(iterations_when_not_stated());
    imported.verification = verification_of_wrong(result.wrong);
    points.push_back(std::move(imported));
    return {};
  }

  std::string contradiction(const Case& shape, const CsvResult& result, PrintedNumber time_us) const {
    constexpr double gb_s_of_byte_per_us = 1e-3;
    const double rate = static_cast<double>(shape.payload.count) / time_us.value * gb_s_of_byte_per_us;
    if (units_.has_time && result.algbw && !agrees(rate, *result.algbw, units_.bandwidth)) {
      return fmt::format("size / time is {} GB/s, the bandwidth says {}", significant(rate),
                         significant(result.algbw->value * units_.bandwidth));
    }
    const double bus_rate = rate * wire_factor(shape.operation, shape.group.ranks);
    if (result.busbw && !agrees(bus_rate, *result.busbw, units_.bandwidth)) {
      return fmt::format("busbw of {} ranks is {} GB/s, the table says {}", shape.group.ranks, significant(bus_rate),
                         significant(result.busbw->value * units_.bandwidth));
    }
    return {};
  }

  std::uint32_t iterations_when_not_stated() const { return dialect_.program.empty() ? 1 : nccl_tests_iterations; }

  void finish() {
    const std::string program = dialect_.program.empty() ? "table of another program" : dialect_.program;
    result_.launch = launch_of_points(points_, program, file_,
                                      fmt::format("lines {}-{}", result_.first_line, result_.last_line), options_);
    Launch& launch = *result_.launch;
    launch.provenance = {{"import.operation", operation_evidence_}, {"import.ranks", ranks_evidence_}};
    if (!rows_.front().label.empty()) {
      launch.provenance["import.rows_of"] = rows_.front().label;
    }
    describe(launch);
    result_.notes = notes_on(launch, options_);
    result_.notes.insert(result_.notes.end(), units_.notes.begin(), units_.notes.end());
    const auto note_if = [&](bool condition, std::string text) {
      if (condition) {
        result_.notes.push_back(std::move(text));
      }
    };
    note_if(element_assumed_, "element type not stated: float32 assumed");
    note_if(!has(CsvRole::iterations),
            dialect_.program.empty()
                ? std::string("how many operations a time is the mean of is not stated: 1 is kept")
                : fmt::format("iterations not stated: nccl-tests' default of {} assumed", nccl_tests_iterations));
    note_if(result_.rows_of_size_zero > 0, fmt::format("rows of size 0, left out: {}", result_.rows_of_size_zero));
    note_if(dialect_.one_node, "aiconfigurator's collector runs one process with a thread per GPU: one node");
    note_if(dialect_.size_in_elements, "message_size counts elements, latency is in ms");
    std::set<std::string> unused;
    for (const CsvColumn& column : columns_) {
      if (column.role == CsvRole::other) {
        unused.insert(column.heading);
      }
    }
    note_if(!unused.empty(), fmt::format("columns not used: {}", fmt::join(unused, ", ")));
  }

  void describe(const Launch& launch) {
    std::set<std::string_view> operations;
    std::set<Group> groups;
    std::set<std::string_view> elements;
    for (const Measurement& measurement : launch.measurements) {
      operations.insert(name_of(measurement.point.operation));
      groups.insert(measurement.point.group);
      elements.insert(name_of(measurement.point.element));
    }
    std::vector<std::string> group_names;
    std::transform(groups.begin(), groups.end(), std::back_inserter(group_names),
                   [](const Group& group) { return to_string(group); });
    result_.title += fmt::format(": {} ({}), {} ({}), {}", fmt::join(operations, " "), operation_evidence_,
                                 fmt::join(group_names, ", "), ranks_evidence_, fmt::join(elements, " "));
    if (!rows_.front().label.empty()) {
      result_.title += fmt::format(", {}", rows_.front().label);
    }
  }

  static constexpr std::size_t longest_pin = 32;

  const std::vector<CsvColumn>& columns_;
  std::vector<CsvValues> rows_;
  const std::filesystem::path& file_;
  const ImportOptions& options_;
  std::vector<RefusedLine>& refused_;
  std::size_t header_line_;
  ImportedTable result_;
  CsvDialect dialect_;
  CsvUnits units_;
  std::optional<Operation> operation_;  // of all rows; nothing when a column names it
  std::optional<std::uint32_t> ranks_;  // likewise
  std::string operation_evidence_;
  std::string ranks_evidence_;
  std::vector<ImportedPoint> points_;
  std::size_t contradictions_ = 0;
  bool element_assumed_ = false;
};

}  // namespace

ImportedFile import_csv_table(const CsvTable& table, const std::filesystem::path& file, const ImportOptions& options) {
  if (table.header.cells.empty()) {
    throw InputError("no header that names a size and a time or a bandwidth");
  }
  const std::vector<CsvColumn> columns = read_csv_header(table.header.cells);
  ImportedFile result;
  result.name = file.filename().string();
  std::map<std::string, std::vector<CsvValues>> launches;
  std::vector<std::string> order;
  for (CsvValues& row : read_csv_values(table, columns)) {
    const auto [launch, fresh] = launches.try_emplace(row.label);
    if (fresh) {
      order.push_back(row.label);
    }
    launch->second.push_back(std::move(row));
  }
  if (order.empty()) {
    order.emplace_back();
  }
  for (const std::string& label : order) {
    result.tables.push_back(
        TableImport(table, columns, std::move(launches[label]), file, options, result.refused).run());
    if (result.tables.back().launch && order.size() > 1) {
      std::string& machine = result.tables.back().launch->info.machine;
      machine = options.machine.empty() ? label : fmt::format("{}, {}", options.machine, label);
    }
  }
  std::stable_sort(result.refused.begin(), result.refused.end(),
                   [](const RefusedLine& a, const RefusedLine& b) { return a.line < b.line; });
  return result;
}

ImportedFile import_measurement_csv(const LogText& text, const std::filesystem::path& file,
                                    const ImportOptions& options) {
  return import_csv_table(read_csv(text, is_csv_header), file, options);
}

}  // namespace hockney::import
