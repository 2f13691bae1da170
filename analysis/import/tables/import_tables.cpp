#include "import/tables/import_tables.hpp"

#include <algorithm>
#include <array>
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
#include "import/table_import.hpp"
#include "import/tables/reading.hpp"
#include "import/tables/row_shape.hpp"
#include "import/tables/table_units.hpp"
#include "import/tables/told_facts.hpp"

namespace hockney::import {
namespace {

Verification verification_of_wrong(const std::string& cell) {
  const auto wrong = read_printed_number(cell);
  return !wrong ? Verification::not_checked : wrong->value == 0 ? Verification::passed : Verification::failed;
}

// nccl-tests prints four digits, whatever its times are multiplied with afterwards.
PrintedNumber widened(PrintedNumber number) {
  constexpr double last_of_four_digits = 5e-4;
  return {number.value, std::max(number.half_step, last_of_four_digits * number.value)};
}

class SheetImport : public TableImport {
 public:
  SheetImport(const Sheet& sheet, const Readings& readings, std::vector<Reading> rows, const Differences& differ,
              const std::filesystem::path& file, const ImportOptions& options, std::vector<RefusedLine>& refused)
      : TableImport(file, options, refused),
        sheet_(sheet),
        readings_(readings),
        rows_(std::move(rows)),
        differ_(differ),
        program_(program_of(readings.columns)) {
    table.first_line = sheet.header_line;
    table.last_line = rows_.empty() ? sheet.header_line : rows_.back().line;
    table.rows = rows_.size();
    table.title = program_.name.empty() ? "table of collectives" : fmt::format("{} table", program_.name);
  }

 private:
  void read() override {
    if (rows_.empty()) {
      throw InputError("no rows");
    }
    refuse_what_is_not_read();
    table.notes = readings_.notes;
    told_ = tell_facts(sheet_, readings_.columns, first_series().facts, differ_, file(), options(), table.notes);
    units_ = settle_units(readings_.columns, rows_, program_, size_per_rank(), shape_of_rows());
    find_ranks();
    for (const Reading& row : rows_) {
      take(row);
    }
  }

  std::string advice() const override {
    return unit_that_would_fit(readings_.columns, rows_, program_, units_, shape_of_rows());
  }

  ShapeOf shape_of_rows() const {
    return [this](const Reading& row) {
      Case point;
      return shape_.read(row, point).empty() ? std::optional(point) : std::nullopt;
    };
  }

  std::string program() const override { return program_.name.empty() ? "table of another program" : program_.name; }

  bool has(ColumnRole role) const { return has_role(readings_.columns, role); }

  const Series& series_of(const Reading& row) const { return readings_.series[row.series]; }
  const Series& first_series() const { return series_of(rows_.front()); }

  void refuse_what_is_not_read() const {
    const std::string& name = sheet_.facts.benchmark;
    if (program_.imb && !name.empty() && !sheet_.facts.operation) {
      throw InputError(name == "PingPing"
                           ? "PingPing has both messages under way at once, for which Hockney has no operation"
                       : name == "Sendrecv" ? "Sendrecv is a shift along a chain, each rank sending and receiving at "
                                              "once, for which Hockney has no operation"
                                            : fmt::format("no operation of Hockney is what '{}' times", name));
    }
    if (has(ColumnRole::algbw) || has(ColumnRole::busbw)) {
      return;
    }
    for (const Column& column : readings_.columns) {
      if (column.role == ColumnRole::time && may_be_sum(column)) {
        throw InputError(fmt::format(
            "'{}' may be the sum over all iterations, and no bandwidth tells: a column with the time of one "
            "operation is needed",
            column.heading));
      }
      if (column.role == ColumnRole::value && !has(ColumnRole::time)) {
        throw InputError(
            fmt::format("neither the heading '{}', nor its cells, nor the text above say whether it holds times or "
                        "bandwidths, and in which unit",
                        column.heading));
      }
    }
  }

  bool may_be_sum(const Column& time) const {
    const bool total = time.statistic == ColumnStatistic::total;
    return (total && (has_iterations() || (has(ColumnRole::count) && has(ColumnRole::size)))) ||
           ((total || time.statistic == ColumnStatistic::plain) &&
            facts_in(time.heading).iterations.value_or(1) > 1);  // "time (us, 100 iterations)"
  }

  bool has_iterations() const { return has(ColumnRole::iterations) || sheet_.facts.iterations.value_or(1) > 1; }

  std::optional<bool> size_per_rank() const {
    if (program_.imb) {
      const Operation operation = told_.operation.value.value_or(Operation::all_reduce);
      return operation != Operation::reduce_scatter;
    }
    for (const Column& column : readings_.columns) {
      if (column.role == ColumnRole::size && column.size_per_rank) {
        return column.size_per_rank;
      }
    }
    return options().size_per_rank ? options().size_per_rank : sheet_.facts.size_per_rank;
  }

  void find_ranks() {
    const bool nodes_in_rows = has(ColumnRole::nodes) || first_series().facts.nodes;
    const bool per_node = has(ColumnRole::ranks_per_node) || shape_.per_node_told();
    const bool in_rows = has(ColumnRole::ranks) || first_series().facts.ranks || (nodes_in_rows && per_node) ||
                         std::all_of(rows_.begin(), rows_.end(),
                                     [](const Reading& row) { return row.ranks.has_value() || !row.refusal.empty(); });
    if (!in_rows && !told_.ranks.value && told_.operation.value) {
      told_.ranks = {ranks_of_busbw(), "from busbw"};
    }
    if (!in_rows && !told_.ranks.value) {
      throw InputError("the table does not say how many ranks there were: pass --ranks");
    }
  }

  // The only count that a row allows, if nearly all rows allow it.
  std::optional<std::uint32_t> ranks_of_busbw() const {
    constexpr std::size_t one_in = 10;
    std::optional<std::uint32_t> only;
    std::vector<RankBounds> all;
    for (const Reading& row : rows_) {
      const auto payload = payload_of(row, std::nullopt, program_, units_);
      const SideValues& side = row.side[0];
      if (!payload || *payload <= 0 || !side.busbw || !side.time) {
        continue;
      }
      NcclTestsResult result;
      const auto time = time_us_of(side, std::nullopt, *payload, units_);
      result.time_us = time ? std::optional(widened(*time)) : std::nullopt;
      const double rate = side.busbw->unit ? side.busbw->unit->factor : 1;
      result.busbw_gb_s = side.busbw->number.scaled(rate);
      all.push_back(ranks_of_result(*told_.operation.value, static_cast<std::uint64_t>(*payload), result));
      only = only ? only : all.back().only();
    }
    const auto against = static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [&](const RankBounds& bounds) { return only && !bounds.allows(*only); }));
    return only && against * one_in <= all.size() ? only : std::nullopt;
  }

  void take(const Reading& row) {
    Case point;
    std::string reason = row.refusal.empty() ? shape_.read(row, point) : row.refusal;
    reason = reason.empty() ? payload(row, point) : reason;
    if (reason.empty() && point.payload.count == 0) {
      leave_out_size_zero();
      return;
    }
    reason = reason.empty() ? impossible_payload(point) : reason;
    if (!reason.empty()) {
      refuse(row.line, std::move(reason));
      return;
    }
    std::vector<ImportedPoint> points;
    for (const std::size_t side : {0U, 1U}) {
      reason = add_side(row, side, point, points);
      if (!reason.empty()) {
        refuse_contradiction(row.line, std::move(reason));
        return;
      }
    }
    if (points.empty()) {
      const std::string& unread = row.side[0].unread.empty() ? row.side[1].unread : row.side[0].unread;
      refuse(row.line, unread.empty() ? "no time in the row" : unread);
    } else {
      use(row.line, std::move(points));
    }
  }

  std::string payload(const Reading& row, Case& point) const {
    constexpr double largest = 1LL << 53;
    constexpr double noise = 1e-9;
    const auto bytes = payload_of(row, point, program_, units_);
    if (!bytes) {
      return "no size in the row";
    }
    if (has_blocks(point.operation) && !units_.per_rank) {
      return fmt::format(
          "a size of {} may be one rank's block or all of them, and nothing tells: pass --sizes per-rank or --sizes "
          "total",
          name_of(point.operation));
    }
    const double whole = std::round(*bytes);
    if (!(*bytes >= 0) || *bytes >= largest || std::abs(*bytes - whole) > noise * whole) {
      return fmt::format("size is {:.10g} B, expected a whole number", *bytes);
    }
    point.payload = Bytes{static_cast<std::uint64_t>(whole)};
    return {};
  }

  // Appends the side's point. Returns why the side is refused.
  std::string add_side(const Reading& row, std::size_t side, const Case& shape,
                       std::vector<ImportedPoint>& points) const {
    const SideValues& values = row.side[side];
    const auto time = time_us_of(values, shape, static_cast<double>(shape.payload.count), units_);
    if (!time) {
      return {};
    }
    if (!is_time_us(time->value)) {
      return fmt::format("{} us is no time of an operation", time->value);
    }
    std::string reason = contradiction_in(values, shape, *time, units_);
    if (!reason.empty()) {
      return reason;
    }
    ImportedPoint imported;
    imported.line = row.line;
    imported.point = shape;
    imported.point.in_place = side == 1 || row.in_place.value_or(false);
    imported.time_us = *time;
    imported.iterations = row.iterations.value_or(sheet_.facts.iterations.value_or(program_.iterations));
    imported.statistic =
        series_of(row).method == "t_max" && program_.imb ? Statistic::max_over_ranks : Statistic::mean_over_ranks;
    imported.verification = verification_of_wrong(values.wrong);
    points.push_back(std::move(imported));
    return {};
  }

  void describe(Launch& launch) override {
    launch.provenance = {{"import.operation", told_.operation.evidence}, {"import.ranks", told_.ranks.evidence}};
    const auto keep = [&](const char* key, const std::string& text) {
      if (!text.empty()) {
        launch.provenance[key] = text;
      }
    };
    keep("import.rows_of", rows_.front().label);
    keep("setting.method", first_series().method);
    keep("import.title", sheet_.title);
    make_title(launch);
    make_notes();
  }

  void make_notes() {
    table.notes.insert(table.notes.end(), units_.notes.begin(), units_.notes.end());
    const bool typed = has(ColumnRole::element) || sheet_.facts.element || program_.imb;
    note_if(!typed, "element type not stated: float32 assumed");
    note_if(!has(ColumnRole::iterations) && !sheet_.facts.iterations,
            program_.name.empty()
                ? std::string("how many operations a time is the mean of is not stated: 1 is kept")
                : fmt::format("iterations not stated: {}'s default of {} assumed", program_.name, program_.iterations));
    note_if(program_.one_node, "aiconfigurator's collector runs one process with a thread per GPU: one node");
    note_if(program_.size_in_elements, "message_size counts elements, latency is in ms");
    note_if(
        program_.imb && told_.operation.value && has_blocks(*told_.operation.value) && units_.per_rank.value_or(false),
        "#bytes are one rank's block: payload = #bytes x ranks");
    note_if(program_.imb && !first_series().method.empty(),
            "t_max, the slowest rank's mean, and t_avg, the mean over ranks as nccl-tests and OSU print it, are curves "
            "of their own");
    std::set<std::string> unused;
    for (const Column& column : readings_.columns) {
      if (column.role == ColumnRole::other || column.role == ColumnRole::value) {
        unused.insert(column.heading);
      }
    }
    note_if(!unused.empty(), fmt::format("columns not used: {}", fmt::join(unused, ", ")));
  }

  void make_title(const Launch& launch) {
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
    table.title += fmt::format(": {} ({}), {} ({}), {}", fmt::join(operations, " "), told_.operation.evidence,
                               fmt::join(group_names, ", "), told_.ranks.evidence, fmt::join(elements, " "));
    for (const std::string& more : {first_series().method, rows_.front().label}) {
      table.title += more.empty() ? "" : ", " + more;
    }
  }

  const Sheet& sheet_;
  const Readings& readings_;
  std::vector<Reading> rows_;
  const Differences& differ_;
  TableProgram program_;
  TableUnits units_;
  ToldFacts told_;
  RowShape shape_{sheet_, readings_, program_, options(), told_};
};

// Rows of one launch: of one library, device and setting.
std::vector<std::vector<Reading>> launches_of(const Readings& readings) {
  std::map<std::pair<std::string, std::string>, std::size_t> index;
  std::vector<std::vector<Reading>> launches;
  for (const Reading& row : readings.rows) {
    const auto [found, fresh] = index.try_emplace({row.label, readings.series[row.series].method}, launches.size());
    if (fresh) {
      launches.emplace_back();
    }
    launches[found->second].push_back(row);
  }
  if (launches.empty()) {
    launches.emplace_back();
  }
  return launches;
}

}  // namespace

ImportedFile import_sheets(const Sheets& sheets, const std::filesystem::path& file, const ImportOptions& options) {
  if (sheets.sheets.empty()) {
    throw InputError("no header that names a size and a time or a bandwidth");
  }
  ImportedFile result;
  result.name = file.filename().string();
  result.refused = sheets.stray;
  result.lines_outside_tables = sheets.stray.size();
  const Differences differ = differences_in(sheets.sheets);
  for (const Sheet& sheet : sheets.sheets) {
    const Readings readings = read_rows(sheet);
    auto launches = launches_of(readings);
    for (auto& rows : launches) {
      const std::string label = rows.empty() ? std::string{} : rows.front().label;
      result.tables.push_back(
          SheetImport(sheet, readings, std::move(rows), differ, file, options, result.refused).run());
      if (result.tables.back().launch && !label.empty()) {
        std::string& machine = result.tables.back().launch->info.machine;
        machine = options.machine.empty() ? label : fmt::format("{}, {}", options.machine, label);
      }
    }
  }
  sort_by_line(result.refused);
  return result;
}

ImportedFile import_tables(const LogText& text, const std::filesystem::path& file, const ImportOptions& options) {
  return import_sheets(read_sheets(text.lines), file, options);
}

}  // namespace hockney::import
