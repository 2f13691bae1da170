#include "import/reference_csv.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <utility>

#include "import/printed_number.hpp"

namespace hockney {
namespace {

constexpr std::array<std::string_view, 12> known_keys{"machine",  "source",    "fabric",     "transport",
                                                      "mode",     "statistic", "iterations", "url",
                                                      "citation", "date",      "versions",   "caveats"};
constexpr std::size_t required_keys = 7;
constexpr std::array<std::string_view, 7> known_columns{"operation", "ranks",         "ranks_per_node", "element",
                                                        "in_place",  "payload_bytes", "time_us"};

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  return first == std::string_view::npos ? std::string_view{}
                                         : text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  for (;;) {
    const auto comma = line.find(',');
    cells.push_back(trimmed(line.substr(0, comma)));
    if (comma == std::string_view::npos) {
      return cells;
    }
    line.remove_prefix(comma + 1);
  }
}

template <class Integer>
Integer positive(std::string_view cell, std::string_view column) {
  Integer value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc{} || end != cell.data() + cell.size() || value == 0) {
    throw InputError(fmt::format("{} is '{}', expected a whole number above 0", column, cell));
  }
  return value;
}

class Reader {
 public:
  Reader(const std::filesystem::path& file, const ImportOptions& options) : file_(file), options_(options) {}

  Launch read(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      ++line_;
      located([&] { take(trimmed(text.substr(0, end))); });
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (launch_.measurements.empty()) {
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
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) {
      throw InputError("expected '# key: value'");
    }
    const std::string key(trimmed(line.substr(0, colon)));
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (std::find(known_keys.begin(), known_keys.end(), key) == known_keys.end()) {
      throw InputError(unknown_name("key", key, known_keys));
    }
    if (!columns_.empty()) {
      throw InputError(fmt::format("key '{}' stands below the column names", key));
    }
    if (value.empty()) {
      throw InputError(fmt::format("key '{}' has no value", key));
    }
    const auto [entry, fresh] = keys_.try_emplace(key, value);
    if (!fresh && key != "caveats") {
      throw InputError(fmt::format("key '{}' is repeated", key));
    }
    if (!fresh) {
      entry->second += fmt::format("; {}", value);
    }
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
    for (const std::string_view column : known_columns) {
      if (!columns_.contains(std::string(column))) {
        throw InputError(fmt::format("column '{}' is missing", column));
      }
    }
    read_keys();
  }

  void read_keys() {
    for (const std::string_view key : std::span(known_keys).first(required_keys)) {
      if (!keys_.contains(std::string(key))) {
        throw InputError(fmt::format("key '{}' is missing above the column names: '# {}: ...'", key, key));
      }
    }
    shape_.transport = TransportKind::imported;
    shape_.fabric = parse_name<Fabric>(keys_["fabric"]);
    shape_.mode = parse_name<Mode>(keys_["mode"]);
    statistic_ = parse_name<Statistic>(keys_["statistic"]);
    iterations_ = positive<std::uint32_t>(keys_["iterations"], "key 'iterations'");
    parse_name<TransportKind>(keys_["transport"]);
  }

  void take_point(std::string_view line) {
    const auto cells = cells_of(line);
    if (cells.size() != columns_.size()) {
      throw InputError(fmt::format("{} cells, expected {}", cells.size(), columns_.size()));
    }
    const auto cell = [&](const char* column) { return cells[columns_.at(column)]; };
    Measurement measurement;
    Case& point = measurement.point;
    point = shape_;
    point.operation = parse_name<Operation>(cell("operation"));
    point.group.ranks = positive<std::uint32_t>(cell("ranks"), "ranks");
    point.group.ranks_per_node = positive<std::uint32_t>(cell("ranks_per_node"), "ranks_per_node");
    point.element = parse_name<Element>(cell("element"));
    point.payload = Bytes{positive<std::uint64_t>(cell("payload_bytes"), "payload_bytes")};
    point.in_place = truth(cell("in_place"));
    check(point);
    read_time(cell("time_us"), measurement);
    append(std::move(measurement));
  }

  static bool truth(std::string_view cell) {
    if (cell != "true" && cell != "false") {
      throw InputError(fmt::format("in_place is '{}', expected true or false", cell));
    }
    return cell == "true";
  }

  static void check(const Case& point) {
    const std::uint64_t granule =
        elements_granularity(point.operation, point.group.ranks) * size_of(point.element).count;
    if (point.group.ranks < 2 || point.group.ranks_per_node > point.group.ranks) {
      throw InputError(fmt::format("{} ranks, {} per node: expected 2 ranks or more, and no more per node",
                                   point.group.ranks, point.group.ranks_per_node));
    }
    if (point.payload.count % granule != 0) {
      throw InputError(fmt::format("payload_bytes {} is no multiple of {}", point.payload.count, granule));
    }
  }

  static void read_time(std::string_view cell, Measurement& measurement) {
    const auto time = read_printed_number(cell);
    if (!time || time->value <= 0) {
      throw InputError(fmt::format("time_us is '{}', expected a number above 0", cell));
    }
    constexpr double us_per_s = 1e6;
    measurement.elapsed = {time->value / us_per_s};
    measurement.clock_step_s = 2 * time->half_step / us_per_s;
  }

  void append(Measurement measurement) {
    const auto [seen, fresh] = points_.try_emplace(measurement.point, points_.size(), 0U);
    seen->second.second += fresh ? 0 : 1;
    measurement.point_id = seen->second.first;
    measurement.pass = seen->second.second;
    measurement.rank_columns = 1;
    measurement.statistic = statistic_;
    measurement.iterations_averaged = iterations_;
    measurement.stop = StopReason::imported;
    measurement.flags.set(Flag::fabric_unproven);
    LaunchInfo& info = launch_.info;
    info.ranks = std::max(info.ranks, measurement.point.group.ranks);
    info.nodes = std::max(info.nodes, measurement.point.group.nodes());
    launch_.measurements.push_back(std::move(measurement));
  }

  void finish() {
    launch_.info.run_uuid = random_uuid();
    launch_.info.campaign = options_.campaign;
    launch_.info.producer = fmt::format("published figures (imported by {})", options_.importer);
    launch_.info.source = fmt::format("{}; {}", file_.filename().string(), keys_["source"]);
    launch_.info.machine = keys_["machine"];
    launch_.info.started_utc_ns = now_utc_ns();
    for (const auto& [key, value] : keys_) {
      launch_.provenance["reference." + key] = value;
    }
  }

  std::filesystem::path file_;
  const ImportOptions& options_;
  std::size_t line_ = 0;
  std::map<std::string, std::string> keys_;
  std::map<std::string, std::size_t, std::less<>> columns_;  // name -> position
  Case shape_;
  Statistic statistic_ = Statistic::mean_over_ranks;
  std::uint32_t iterations_ = 1;
  std::map<Case, std::pair<std::uint64_t, std::uint32_t>> points_;  // id and last pass
  Launch launch_;
};

}  // namespace

Launch read_reference_csv(std::string_view text, const std::filesystem::path& file, const ImportOptions& options) {
  return Reader(file, options).read(text);
}

}  // namespace hockney
