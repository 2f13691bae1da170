#include "views/scan_view.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>

#include "base/error.hpp"
#include "record/statistics.hpp"
#include "render/forms.hpp"
#include "scan/diagnosis.hpp"
#include "scan/node_model.hpp"
#include "views/points.hpp"
#include "vocabulary/flags.hpp"

namespace hockney::views {
namespace {

using render::Cell;
using render::data_column;
using render::number_column;
using render::Table;
using render::text_column;
using scan::NodeNames;
using scan::PairTime;
using scan::ScanRecord;

constexpr std::uint32_t most_nodes = 64;          // that a page holds
constexpr std::uint32_t most_nodes_in_text = 10;  // that a terminal holds

std::vector<std::string> texts_of(const std::vector<std::uint32_t>& numbers) {
  std::vector<std::string> texts;
  for (const std::uint32_t number : numbers) {
    texts.push_back(std::to_string(number));
  }
  return texts;
}

/// What stands at the rails of a suspect, one entry for each; of a path and a rail the adapters only.
struct Devices {
  std::vector<std::string> gpus;
  std::vector<std::string> adapters;   ///< that were observed, empty where none was
  std::vector<std::string> near_nics;  ///< near the GPUs
};

Devices devices_of(const scan::Suspect& suspect, const NodeNames& names) {
  Devices devices;
  for (const std::uint32_t rail : suspect.rails) {
    const auto observed = suspect.adapters.find(rail);
    devices.adapters.push_back(observed == suspect.adapters.end() ? "" : observed->second);
    if (scan::is_one_node(suspect)) {
      devices.gpus.push_back(names.gpu(suspect.nodes.one, rail));
      devices.near_nics.push_back(names.near_nics(suspect.nodes.one, rail));
    }
  }
  return devices;
}

Table suspect_table(const Launch& launch, const ScanRecord& record, const NodeNames& names) {
  const std::vector<scan::Suspect> suspects = scan::diagnose(record);
  Table table{.name = "suspects"};
  table.title = fmt::format("health scan of launch {}: {} nodes, {} rails, {} rounds of pairs", short_id(launch),
                            record.nodes, record.rails, record.rounds.size());
  table.columns = {data_column("run_uuid"),
                   text_column("verdict", "verdict"),
                   text_column("kind", "kind"),
                   text_column("place", "place"),
                   data_column("hosts"),
                   data_column("rails"),
                   data_column("gpus"),
                   data_column("adapters"),
                   data_column("near_nics"),
                   number_column("payload_bytes", "payload", render::bytes),
                   number_column("excess", "longer by %", render::percentage),
                   number_column("slow_repeats", "slow alone"),
                   number_column("repeats", "of repeats"),
                   text_column("direction", "slow when")};
  for (const scan::Suspect& suspect : suspects) {
    std::vector<std::string> hosts;
    if (suspect.kind != scan::SuspectKind::rail) {
      hosts.push_back(names.host(suspect.nodes.one));
    }
    if (suspect.kind == scan::SuspectKind::path) {
      hosts.push_back(names.host(suspect.nodes.other));
    }
    const Devices devices = devices_of(suspect, names);
    table.rows.push_back({launch.info.run_uuid, suspect.verdict, suspect.kind, scan::name_of_suspect(suspect, names),
                          hosts, texts_of(suspect.rails), devices.gpus, devices.adapters, devices.near_nics,
                          suspect.payload, suspect.excess, suspect.slow_repeats, suspect.repeats,
                          suspect.direction == scan::Direction::unknown ? Cell() : Cell(suspect.direction)});
  }
  if (suspects.empty()) {
    table.remarks.emplace_back(record.times.empty() ? "nothing can be said: no exchange counts" : "nothing looks slow");
  }
  if (!record.times.empty()) {
    const std::vector<std::string> not_told = scan::blind_spots(record);
    table.remarks.insert(table.remarks.end(), not_told.begin(), not_told.end());
  }
  return table;
}

/// The rounds on one rail at one payload, and what the nodes contribute.
struct RailFit {
  Bytes payload;
  std::uint32_t rail = 0;
  std::vector<PairTime> times;
  scan::NodeModel model;
};

std::vector<RailFit> fit_rails(const ScanRecord& record) {
  std::map<std::pair<Bytes, std::uint32_t>, std::vector<PairTime>> groups;
  for (const PairTime& time : record.times) {
    if (time.is_of_rounds()) {
      groups[{time.payload, time.rail}].push_back(time);
    }
  }
  std::vector<RailFit> fits;
  for (auto& [key, times] : groups) {
    const scan::NodeModel model = scan::fit_nodes(times, record.nodes);
    fits.push_back({key.first, key.second, std::move(times), model});
  }
  return fits;
}

std::string pair_text(const PairTime& time, const NodeNames& names) {
  return fmt::format("{} - {}", names.host(time.nodes.one), names.host(time.nodes.other));
}

bool knows_nodes(const scan::NodeModel& model) { return model.excess.size() >= scan::least_nodes; }

// As it was measured, where NodeModel::spread has a least value.
Cell nodes_apart(const scan::NodeModel& model) {
  return knows_nodes(model) ? Cell(robust_deviation(model.excess)) : Cell();
}

Table rail_table(const Launch& launch, const std::vector<RailFit>& rails, const NodeNames& names) {
  Table table{.name = "scan_rails", .title = "exchanges of two nodes while the others exchange, by rail"};
  table.columns = {data_column("run_uuid"),
                   number_column("payload_bytes", "payload", render::bytes),
                   number_column("rail", "rail"),
                   number_column("t_median_s", "median us", render::microseconds),
                   number_column("rate_bytes_per_s", "GB/s each way", render::gigabytes_per_second),
                   number_column("spread", "nodes apart by %", render::fine_percentage),
                   number_column("t_slowest_s", "slowest us", render::microseconds),
                   text_column("slowest_pair", "slowest pair")};
  for (const auto& [payload, rail, times, model] : rails) {
    const auto slowest = std::max_element(times.begin(), times.end(),
                                          [](const PairTime& a, const PairTime& b) { return a.time_s < b.time_s; });
    const double typical = std::exp(model.level);
    table.rows.push_back({launch.info.run_uuid, payload, rail, typical, payload / Seconds{typical}, nodes_apart(model),
                          slowest->time_s, pair_text(*slowest, names)});
  }
  return table;
}

Table node_table(const Launch& launch, const std::vector<RailFit>& rails, const NodeNames& names) {
  Table table{.name = "scan_nodes"};
  table.columns = {data_column("run_uuid"), data_column("node"),          data_column("host"),
                   data_column("rail"),     data_column("payload_bytes"), data_column("excess")};
  for (const auto& [payload, rail, times, model] : rails) {
    for (std::uint32_t node = 0; node < model.excess.size(); ++node) {
      table.rows.push_back({launch.info.run_uuid, node, names.host(node), rail, payload,
                            knows_nodes(model) ? Cell(std::expm1(model.excess[node])) : Cell()});
    }
  }
  return table;
}

Table pair_table(const Launch& launch, const ScanRecord& record, const NodeNames& names) {
  Table table{.name = "scan_pairs"};
  table.columns = {data_column("run_uuid"),
                   data_column("host"),
                   data_column("other_host"),
                   data_column("rail"),
                   data_column("payload_bytes"),
                   data_column("t_median_s"),
                   data_column("rate_bytes_per_s"),
                   data_column("alone"),
                   data_column("round"),
                   data_column("again"),
                   data_column("way"),
                   data_column("on_one_rail"),
                   data_column("adapters")};
  for (const PairTime& time : record.times) {
    table.rows.push_back({launch.info.run_uuid, names.host(time.nodes.one), names.host(time.nodes.other), time.rail,
                          time.payload, time.time_s, time.payload / Seconds{time.time_s}, time.alone, time.round,
                          time.again, time.way, time.on_one_rail, time.adapters});
  }
  return table;
}

/// The slowest rail of each pair, median over its rounds.
std::map<scan::NodePair, double> slowest_times(const ScanRecord& record, Bytes payload) {
  std::map<scan::NodePair, std::map<std::uint32_t, std::vector<double>>> by_pair;
  for (const PairTime& time : record.times) {
    if (time.is_of_rounds() && time.payload == payload) {
      by_pair[time.nodes][time.rail].push_back(time.time_s);
    }
  }
  std::map<scan::NodePair, double> slowest;
  for (const auto& [pair, of_rails] : by_pair) {
    for (const auto& [rail, times] : of_rails) {
      slowest[pair] = std::max(slowest[pair], median(times));
    }
  }
  return slowest;
}

Bytes largest_payload(const ScanRecord& record) {
  Bytes payload;
  for (const PairTime& time : record.times) {
    payload = std::max(payload, time.payload);
  }
  return payload;
}

/// The rate between every two nodes; of more nodes than a terminal holds, where it is to be had.
Table pair_matrix(const ScanRecord& record, const NodeNames& names) {
  const Bytes payload = largest_payload(record);
  Table table;
  table.title =
      fmt::format("exchanges of {} between nodes, others meanwhile, slowest rail: GB/s each way", to_string(payload));
  if (record.nodes > most_nodes_in_text) {
    table.remarks.push_back(fmt::format("{} nodes are more than fit here: {}--csv scan_pairs lists them", record.nodes,
                                        record.nodes > most_nodes ? "" : "--plot pairs.svg draws them, "));
    return table;
  }
  table.title += "; -: did not meet";
  table.columns = {number_column("", "node"), text_column("", "host")};
  for (std::uint32_t node = 0; node < record.nodes; ++node) {
    table.columns.push_back(number_column("", std::to_string(node), render::gigabytes_per_second));
    std::vector<Cell>& row = table.rows.emplace_back(record.nodes + 2);
    row[0] = node;
    row[1] = names.host(node);
  }
  for (const auto& [pair, time] : slowest_times(record, payload)) {
    table.rows[pair.one][pair.other + 2] = table.rows[pair.other][pair.one + 2] = payload / Seconds{time};
  }
  return table;
}

}  // namespace

std::vector<Table> scan_tables(const Launch& launch) {
  const auto record = scan::read_scan(launch);
  if (!record) {
    return {};
  }
  const NodeNames names(launch.placements, launch.provenance);
  if (record->times.empty()) {
    return {suspect_table(launch, *record, names)};
  }
  const std::vector<RailFit> rails = fit_rails(*record);
  return {suspect_table(launch, *record, names), rail_table(launch, rails, names), pair_matrix(*record, names),
          node_table(launch, rails, names), pair_table(launch, *record, names)};
}

bool has_scan_map(const Launch& launch) {
  const auto record = scan::is_scan(launch) ? scan::read_scan(launch) : std::nullopt;
  return record && !record->times.empty() && record->nodes <= most_nodes;
}

render::HeatMap scan_map(const std::vector<Launch>& launches) {
  const auto launch = std::find_if(launches.begin(), launches.end(), scan::is_scan);
  const auto record = launch == launches.end() ? std::nullopt : scan::read_scan(*launch);
  if (!record || record->times.empty()) {
    throw InputError(
        "show --plot: draws the pairs of a health scan, and there is none; expected a campaign of "
        "hockney-bench --scan");
  }
  if (record->nodes > most_nodes) {
    throw InputError(
        fmt::format("show --plot: {} nodes, and a page holds {}; see --csv scan_pairs", record->nodes, most_nodes));
  }
  const NodeNames names(launch->placements);
  const Bytes payload = largest_payload(*record);
  render::HeatMap map;
  map.title = fmt::format("exchanges of {} between nodes, others meanwhile", to_string(payload));
  map.subtitles = {fmt::format("launch {} of {}, slowest rail of each pair; grey: did not meet", short_id(*launch),
                               launch->info.machine)};
  map.remarks = describe(flags_of(*launch));
  map.x_label = "node";
  map.y_label = "node";
  map.value_label = "GB/s each way";
  map.missing = "";
  for (std::uint32_t node = 0; node < record->nodes; ++node) {
    map.columns.push_back(std::to_string(node));
    map.rows.push_back(names.host(node));
  }
  map.values.assign(record->nodes, std::vector<std::optional<double>>(record->nodes));
  for (const auto& [pair, time] : slowest_times(*record, payload)) {
    const double rate = (payload / Seconds{time}).value / 1e9;
    map.values[pair.one][pair.other] = rate;
    map.values[pair.other][pair.one] = rate;
  }
  return map;
}

}  // namespace hockney::views
