#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <utility>

#include "import/imported_points.hpp"
#include "import/osu/osu_text.hpp"
#include "import/table_import.hpp"
#include "import/text/launcher_command.hpp"
#include "vocabulary/group_on_nodes.hpp"

namespace hockney::import {
namespace {

constexpr std::string_view bandwidth = "Bandwidth(MB/s)";
constexpr std::array<std::string_view, 3> latencies{"AvgLatency(us)", "AvgLat(us)", "Latency(us)"};
constexpr std::string_view iterations_heading = "Iterations";
constexpr double us_per_byte_of_mb_s = 1;  // 1 B at 1 MB/s = 1e6 B/s takes 1 us

std::string without_blanks(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
  return text;
}

class OsuImport : public TableImport {
 public:
  OsuImport(const OsuTable& osu, const std::filesystem::path& file, const ImportOptions& options,
            std::vector<RefusedLine>& refused)
      : TableImport(file, options, refused), osu_(osu) {
    table.first_line = osu.first_line;
    table.last_line = osu.last_line;
    table.rows = osu.rows.size();
    table.title = osu.banner.program;
  }

 private:
  void read() override {
    test_ = osu_test(osu_.banner);
    find_value_column();
    shape_.become(test_.operation);
    shape_.transport = TransportKind::imported;
    shape_.mode = test_.mode;
    shape_.fabric = options().fabric.value_or(Fabric::unknown);
    shape_.element = osu_element(osu_.banner, test_.operation, osu_.datatype);
    shape_.group = group();
    refuse_wrapped();
    for (const OsuRow& row : osu_.rows) {
      most_cells_ = std::max(most_cells_, row.cells.size());
      finest_step_ = std::min(finest_step_, step_of(row));
    }
    for (const OsuRow& row : osu_.rows) {
      take(row);
    }
  }

  std::string program() const override { return osu_.banner.program; }

  // The second half of a wrapped row may look like a row: "1000  27.92".
  void refuse_wrapped() const {
    std::size_t falls = 0;
    for (std::size_t i = 1; i < osu_.rows.size(); ++i) {
      falls += osu_.rows[i].size_bytes < osu_.rows[i - 1].size_bytes ? 1 : 0;
    }
    if (falls > 1 && 2 * (falls + 1) >= osu_.rows.size()) {
      throw InputError("sizes rise and fall from row to row: the rows are wrapped, or mixed with others");
    }
  }

  double step_of(const OsuRow& row) const {
    const auto value = value_column_ < row.cells.size() ? read_printed_number(row.cells[value_column_]) : std::nullopt;
    return value ? value->half_step : std::numeric_limits<double>::infinity();
  }

  void find_value_column() {
    const bool is_rate = test_.operation == Operation::one_way_stream;
    for (std::size_t i = 0; i < osu_.columns.size(); ++i) {
      const std::string column = without_blanks(osu_.columns[i]);
      if (is_rate ? column == bandwidth : std::find(latencies.begin(), latencies.end(), column) != latencies.end()) {
        value_column_ = i;
        return;
      }
    }
    throw InputError(fmt::format("no column '{}' in the header", is_rate ? bandwidth : latencies.front()));
  }

  Group group() {
    const auto command = read_launcher_command(osu_.command, "osu_").value_or(LauncherCommand{});
    std::optional<std::uint32_t> ranks = options().ranks;
    evidence_ = "--ranks";
    if (is_point_to_point(test_.operation)) {
      ranks = 2;
      evidence_ = "a test of two ranks";
    } else if (!ranks) {
      ranks = command.ranks;
      evidence_ = "command line above the table";
    }
    if (!ranks) {
      throw InputError("OSU logs do not say how many ranks there were: pass --ranks");
    }
    const bool stated = options().nodes || options().ranks_per_node;
    std::optional<std::uint32_t> per_node = stated ? options().ranks_per_node : command.ranks_per_node;
    const std::optional<std::uint32_t> nodes = stated ? options().nodes : command.nodes;
    if (nodes && per_node && (*ranks + *per_node - 1) / *per_node != *nodes) {
      per_node.reset();
    }
    return group_on_nodes(*ranks, nodes, per_node);
  }

  void take(const OsuRow& row) {
    if (row.size_bytes == 0) {
      leave_out_size_zero();
      return;
    }
    ImportedPoint point;
    point.line = row.line;
    point.point = shape_;
    const std::string reason = read_row(row, point);
    if (!reason.empty()) {
      refuse(row.line, reason);
      return;
    }
    use(row.line, {std::move(point)});
  }

  std::string read_row(const OsuRow& row, ImportedPoint& point) {
    const std::uint64_t blocks = test_.size == OsuSize::block_of_rank ? shape_.group.ranks : 1;
    if (row.size_bytes > std::numeric_limits<std::uint64_t>::max() / blocks) {
      return fmt::format("size {} times {} ranks is too large", row.size_bytes, blocks);
    }
    point.point.payload = Bytes{row.size_bytes * blocks};
    // OSU prints all numbers with as many decimals
    const bool short_number = &row == &osu_.rows.back() && step_of(row) > finest_step_ && osu_.rows.size() > 2;
    if (value_column_ + 1 == row.cells.size() && (row.cells.size() < most_cells_ || short_number)) {
      return fmt::format("row cut off after '{}'", row.cells.back());
    }
    const auto value = value_column_ < row.cells.size() ? read_printed_number(row.cells[value_column_]) : std::nullopt;
    if (!value || value->value <= 0) {
      return fmt::format("no number above 0 in the column '{}'", osu_.columns[value_column_]);
    }
    point.time_us = *value;
    if (test_.operation == Operation::one_way_stream) {
      const double bytes = static_cast<double>(row.size_bytes) * us_per_byte_of_mb_s;
      point.time_us = {bytes / value->value, bytes / value->value * value->half_step / value->value};
    }
    if (!is_time_us(point.time_us.value)) {
      return fmt::format("{} us is no time of an operation", point.time_us.value);
    }
    point.iterations = iterations_of(row);
    if (std::find(row.cells.begin(), row.cells.end(), "Fail") != row.cells.end()) {
      point.verification = Verification::failed;
    } else if (std::find(row.cells.begin(), row.cells.end(), "Pass") != row.cells.end()) {
      point.verification = Verification::passed;
    }
    return impossible_payload(point.point);
  }

  std::uint32_t iterations_of(const OsuRow& row) {
    const auto heading = std::find(osu_.columns.begin(), osu_.columns.end(), iterations_heading);
    if (heading != osu_.columns.end()) {
      const auto index = static_cast<std::size_t>(heading - osu_.columns.begin());
      return index < row.cells.size() ? whole(row.cells[index]) : 1;
    }
    // a header cut by its author over rows of -f: avg, min, max, iterations
    constexpr std::size_t full_row = 4;
    if (osu_.columns.size() == 1 && row.cells.size() == full_row && is_between(row.cells) && whole(row.cells[3]) > 1) {
      header_cut_ = true;
      return whole(row.cells[3]);
    }
    iterations_assumed_ = true;
    return osu_default_iterations(test_.operation, row.size_bytes);
  }

  static bool is_between(const std::vector<std::string>& cells) {
    const auto mean = read_printed_number(cells[0]);
    const auto low = read_printed_number(cells[1]);
    const auto high = read_printed_number(cells[2]);
    return mean && low && high && low->value <= mean->value && mean->value <= high->value;
  }

  static std::uint32_t whole(const std::string& cell) {
    const auto number = read_printed_number(cell);
    constexpr double most = 1e9;
    return number && number->value >= 1 && number->value <= most ? static_cast<std::uint32_t>(number->value) : 1;
  }

  void describe(Launch& launch) override {
    table.title += fmt::format(": {} (named in the log), {} ({}), {}", name_of(test_.operation),
                               to_string(shape_.group, shape_.group.nodes()), evidence_, name_of(shape_.element));
    launch.info.argv = osu_.command;
    launch.provenance = {
        {"import.operation", "named in the log"}, {"import.ranks", evidence_}, {"osu.library", osu_.banner.library}};
    for (const auto& [key, value] : {std::pair{"osu.version", osu_.banner.version},
                                     std::pair{"osu.buffers", osu_.buffers}, std::pair{"osu.heading", osu_.heading}}) {
      if (!value.empty()) {
        launch.provenance[key] = value;
      }
    }
    note_if(test_.size == OsuSize::block_of_rank,
            fmt::format("OSU counts the block of one rank: payload = size x {} ranks", shape_.group.ranks));
    note_if(test_.operation == Operation::one_way_stream,
            "time = size / bandwidth; each window ends in an acknowledgement, which is in it");
    note_if(osu_.datatype.empty(),
            fmt::format("datatype not stated: {} is that version's own choice", name_of(shape_.element)));
    note_if(iterations_assumed_, "iterations not stated: OSU's defaults assumed");
    note_if(header_cut_, "the header names one column, rows have four: read as avg, min, max, iterations (-f)");
    note_if(!options().ranks && evidence_ != "--ranks" && !is_point_to_point(test_.operation),
            fmt::format("{} ranks: from the {}", shape_.group.ranks, evidence_));
    note_if(options().ranks && is_point_to_point(test_.operation) && *options().ranks != 2,
            "--ranks is not used: the test has two ranks");
    note_if(options().operation && *options().operation != test_.operation,
            "--operation is not used: the log names the test");
  }

  const OsuTable& osu_;
  OsuTest test_;
  Case shape_;  // all but the payload
  std::string evidence_;
  std::size_t value_column_ = 0;
  std::size_t most_cells_ = 0;
  double finest_step_ = std::numeric_limits<double>::infinity();
  bool iterations_assumed_ = false;
  bool header_cut_ = false;
};

}  // namespace

ImportedFile import_osu_text(const LogText& text, const std::filesystem::path& file, const ImportOptions& options) {
  const OsuLog log = read_osu_text(text);
  if (log.tables.empty()) {
    throw InputError("no banner of the OSU micro-benchmarks ('# OSU MPI Allreduce Latency Test v7.4')");
  }
  ImportedFile result;
  result.name = file.filename().string();
  result.refused = log.refused;
  result.lines_outside_tables = log.refused.size();
  for (const OsuTable& table : log.tables) {
    result.tables.push_back(OsuImport(table, file, options, result.refused).run());
  }
  sort_by_line(result.refused);
  return result;
}

}  // namespace hockney::import
