#include "import/published/reference_csv.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <utility>

#include "import/published/csv_cell.hpp"
#include "import/published/reference_keys.hpp"
#include "import/text/printed_number.hpp"

namespace hockney::import {
namespace {

constexpr std::array<std::string_view, 6> required_columns{"operation", "ranks",    "ranks_per_node",
                                                           "element",   "in_place", "payload_bytes"};
/// What was published of a point; a file has one of them.
constexpr std::array<std::string_view, 3> value_columns{"time_us", "algbw_gb_per_s", "busbw_gb_per_s"};
constexpr std::array<std::string_view, 13> known_columns{
    "operation",      "ranks",          "ranks_per_node", "element",    "in_place",  "payload_bytes", "time_us",
    "algbw_gb_per_s", "busbw_gb_per_s", "stride",         "concurrent", "algorithm", "protocol"};

bool truth(std::string_view cell) {
  if (cell != "true" && cell != "false") {
    throw InputError(fmt::format("in_place is '{}', expected true or false", cell));
  }
  return cell == "true";
}

void check(const Case& point) {
  const std::uint64_t granule = elements_granularity(point.operation, point.group.ranks) * size_of(point.element).count;
  if (point.group.ranks < 2 || point.group.ranks_per_node > point.group.ranks) {
    throw InputError(fmt::format("{} ranks, {} per node: expected 2 ranks or more, and no more per node",
                                 point.group.ranks, point.group.ranks_per_node));
  }
  if (point.payload.count % granule != 0) {
    throw InputError(fmt::format("payload_bytes {} is no multiple of {}", point.payload.count, granule));
  }
}

/// Time and clock step of a point from what was published of it. Half of the last digit, as a share of the number, is
/// the same share of the time.
void read_value(std::string_view column, std::string_view cell, Measurement& measurement) {
  const auto number = read_printed_number(cell);
  if (!number || number->value <= 0) {
    throw InputError(fmt::format("{} is '{}', expected a number above 0", column, cell));
  }
  constexpr double us_per_s = 1e6;
  constexpr double bytes_per_gigabyte = 1e9;
  const Case& point = measurement.point;
  double time_s = number->value / us_per_s;
  if (column != "time_us") {
    const double factor = column == "busbw_gb_per_s" ? wire_factor(point.operation, point.group.ranks) : 1;
    time_s = factor * static_cast<double>(point.payload.count) / (number->value * bytes_per_gigabyte);
  }
  measurement.elapsed = {time_s};
  measurement.clock_step_s = 2 * number->half_step / number->value * time_s;
}

class Reader {
 public:
  Reader(const std::filesystem::path& file, const ImportOptions& options) : file_(file), options_(options) {}

  Launch read(std::string_view text) {
    launch_.info.run_uuid = uuid_of(fmt::format("{}/{}\n{}", options_.campaign, file_.filename().string(), text));
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      ++line_;
      located([&] { take(trimmed(text.substr(0, end))); });
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (keys_.states_line_rate()) {
      located([&] { keys_.check(); });
    } else if (launch_.measurements.empty()) {
      throw InputError(fmt::format("{}: no points", file_.string()));
    }
    finish();
    return std::move(launch_);
  }

 private:
  template <class Action>
  void located(Action action) const {
    try {
      action();
    } catch (const InputError& error) {
      throw InputError(fmt::format("{}:{}: {}", file_.string(), line_, error.what()));
    }
  }

  void take(std::string_view line) {
    if (line.empty()) {
      return;
    }
    if (line.front() == '#') {
      take_key(line.substr(1));
    } else if (columns_.empty()) {
      take_columns(line);
    } else {
      take_point(line);
    }
  }

  void take_key(std::string_view line) {
    if (!columns_.empty()) {
      throw InputError(fmt::format("key '{}' stands below the column names", trimmed(line.substr(0, line.find(':')))));
    }
    keys_.take(line);
  }

  void take_columns(std::string_view line) {
    for (const std::string_view cell : cells_of(line)) {
      if (std::find(known_columns.begin(), known_columns.end(), cell) == known_columns.end()) {
        throw InputError(unknown_name("column", cell, known_columns));
      }
      if (!columns_.try_emplace(std::string(cell), columns_.size()).second) {
        throw InputError(fmt::format("column '{}' is repeated", cell));
      }
    }
    for (const std::string_view column : required_columns) {
      if (!columns_.contains(column)) {
        throw InputError(fmt::format("column '{}' is missing", column));
      }
    }
    choose_value_column();
    keys_.check();
    if (keys_.states_line_rate()) {
      throw InputError("a file that states a line rate has no points");
    }
    shape_ = keys_.shape();
  }

  void choose_value_column() {
    for (const std::string_view column : value_columns) {
      if (columns_.contains(column) && !value_column_.empty()) {
        throw InputError(
            fmt::format("columns '{}' and '{}' say the same; expected one of them", value_column_, column));
      }
      value_column_ = columns_.contains(column) ? column : value_column_;
    }
    if (value_column_.empty()) {
      throw InputError(fmt::format("expected one of the columns {}", fmt::join(value_columns, ", ")));
    }
  }

  void take_point(std::string_view line) {
    const auto cells = cells_of(line);
    if (cells.size() != columns_.size()) {
      throw InputError(fmt::format("{} cells, expected {}", cells.size(), columns_.size()));
    }
    const auto cell = [&](std::string_view column) {
      const auto place = columns_.find(column);
      return place == columns_.end() ? std::string_view{} : cells[place->second];
    };
    Measurement measurement;
    Case& point = measurement.point;
    point = shape_;
    point.become(parse_name<Operation>(cell("operation")));
    const auto count = [&](std::string_view column) {
      return columns_.contains(column) ? whole_number_above_zero<std::uint32_t>(cell(column), column) : 1;
    };
    point.group = {count("ranks"), count("ranks_per_node"), count("stride"), count("concurrent")};
    point.element = parse_name<Element>(cell("element"));
    point.payload = Bytes{whole_number_above_zero<std::uint64_t>(cell("payload_bytes"), "payload_bytes")};
    point.in_place = truth(cell("in_place"));
    point.algorithm = cell("algorithm");
    point.protocol = cell("protocol");
    check(point);
    read_value(value_column_, cell(value_column_), measurement);
    append(std::move(measurement));
  }

  void append(Measurement measurement) {
    const auto [seen, fresh] = points_.try_emplace(measurement.point, points_.size(), 0U);
    seen->second.second += fresh ? 0 : 1;
    measurement.point_id = seen->second.first;
    measurement.pass = seen->second.second;
    measurement.rank_columns = 1;
    measurement.statistic = keys_.statistic();
    measurement.iterations_averaged = keys_.iterations();
    measurement.stop = StopReason::imported;
    measurement.flags.set(Flag::fabric_unproven);
    LaunchInfo& info = launch_.info;
    const Group& group = measurement.point.group;
    info.ranks = std::max(info.ranks, group.ranks * group.concurrent);
    info.nodes = std::max(info.nodes, group.nodes());
    launch_.measurements.push_back(std::move(measurement));
  }

  void finish() {
    launch_.info.campaign = options_.campaign;
    launch_.info.producer = fmt::format("published figures (imported by {})", options_.importer);
    launch_.info.source = fmt::format("{}; {}", file_.filename().string(), keys_.at("source"));
    launch_.info.machine = options_.machine.empty() ? keys_.at("machine") : options_.machine;
    launch_.info.started_utc_ns = keys_.date_utc_ns();
    launch_.info.ended_utc_ns = launch_.info.started_utc_ns;
    launch_.provenance = keys_.provenance();
    if (keys_.states_line_rate()) {
      state(launch_.provenance, keys_.line_rate());
    }
  }

  std::filesystem::path file_;
  const ImportOptions& options_;
  std::size_t line_ = 0;
  ReferenceKeys keys_;
  std::map<std::string, std::size_t, std::less<>> columns_;  // name -> position
  std::string_view value_column_;
  Case shape_;
  std::map<Case, std::pair<std::uint64_t, std::uint32_t>> points_;  // id and last pass
  Launch launch_;
};

}  // namespace

Launch read_reference_csv(std::string_view text, const std::filesystem::path& file, const ImportOptions& options) {
  return Reader(file, options).read(text);
}

}  // namespace hockney::import
