#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/number.hpp"
#include "base/text_table.hpp"
#include "commands/commands.hpp"
#include "commands/reference/reference_library.hpp"
#include "commands/show/point_of_launch.hpp"
#include "commands/show/show_shapes.hpp"
#include "commands/show/what_ran.hpp"
#include "record/launch.hpp"
#include "record/stated_line_rate.hpp"
#include "store/launch_reader.hpp"
#include "store/schema.hpp"

namespace hockney::commands {
namespace {

struct ShowOptions {
  std::vector<std::filesystem::path> paths;
  std::string samples_of;
  bool provenance = false;
  bool csv = false;
  bool json = false;
  bool schema = false;
  bool raw = false;
};

std::string state_of(const Launch& launch) {
  return launch.info.finalised ? "finished " + to_iso8601(launch.info.ended_utc_ns) : "NOT FINISHED";
}

std::string transports_of(const Launch& launch) {
  std::set<std::string_view> names;
  for (const Measurement& visit : launch.measurements) {
    names.insert(name_of(visit.point.transport));
  }
  return names.empty() ? "no points" : fmt::format("{}", fmt::join(names, ","));
}

void print_header(const Launch& launch) {
  const LaunchInfo& info = launch.info;
  fmt::print("launch {}: campaign {}, machine {}, {} ranks on {} nodes, transport {}\n", short_id(launch),
             info.campaign, info.machine, info.ranks, info.nodes, transports_of(launch));
  fmt::print("  {}, started {}, {}, {} visits, {} cases skipped\n", info.producer, to_iso8601(info.started_utc_ns),
             state_of(launch), launch.measurements.size(), launch.skipped.size());
  if (!info.source.empty()) {
    fmt::print("  source: {}\n", info.source);
  }
  std::vector<const Measurement*> visits;
  for (const Measurement& visit : launch.measurements) {
    visits.push_back(&visit);
  }
  if (const auto rate = stated_line_rate(launch)) {
    fmt::print("  ESTIMATED FROM LINE RATE: {}; nothing was measured\n", to_string(*rate));
  }
  const Flags flags = flags_of(visits);
  if (flags.has(Flag::simulated)) {
    fmt::print("  SIMULATED: the scripted transport answered; nothing was transferred\n");
  }
  if (flags.has(Flag::emulated)) {
    fmt::print("  EMULATED: made by the test double of CUDA and NCCL\n");
  }
  if (flags.has(Flag::shared_gpu)) {
    fmt::print("  SHARED GPU: several ranks on one GPU; no network constants\n");
  }
  for (const Skipped& skipped : launch.skipped) {
    fmt::print("  skipped {}: {}\n", skipped.point.name(), skipped.reason);
  }
}

void print_provenance(const Launch& launch) {
  for (const auto& [key, value] : launch.provenance) {
    fmt::print("  {} = {}\n", key, value);
  }
  TextTable table({{"rank"}, {"host", Align::left}, {"local rank"}, {"NUMA node"}, {"CPUs"}, {"GPU", Align::left}});
  for (const Placement& placement : launch.placements) {
    table.add({std::to_string(placement.rank), placement.host, std::to_string(placement.local_rank),
               placement.numa_node < 0 ? "-" : std::to_string(placement.numa_node),
               std::to_string(placement.cpus_allowed), placement.gpu.empty() ? "-" : placement.gpu});
  }
  if (!launch.placements.empty()) {
    fmt::print("{}", table.print());
  }
}

std::string gigabytes_per_second(BytesPerSecond rate) { return significant(rate.value * 1e-9); }

TextTable empty_table() {
  return TextTable({{"payload"},
                    {"launch", Align::left},
                    {"median us"},
                    {"95 % low us"},
                    {"95 % high us"},
                    {"p99 us"},
                    {"algbw GB/s"},
                    {"busbw GB/s"},
                    {"samples"},
                    {"stop", Align::left},
                    {"flags", Align::left}});
}

// Points that lie on no curve: one table for all of a kind.
void print_shapes(std::span<const PointOfLaunch> rows) {
  const bool are_products = rows.front().point().operation == Operation::matmul;
  fmt::print("\n{}  (95 % intervals within each launch)\n{}", are_products ? "matrix products" : "replayed steps",
             are_products ? describe_products(rows) : describe_steps(rows));
}

bool belong_together(const Case& a, const Case& b) {
  return a.operation == b.operation && (!is_on_curve(a.operation) || a.curve_name() == b.curve_name());
}

void print_curve(std::span<const PointOfLaunch> rows) {
  TextTable table = empty_table();
  for (const PointOfLaunch& row : rows) {
    const Summary& summary = row.summary;
    table.add({to_string(row.point().payload), short_id(*row.launch), microseconds(summary.median_s),
               microseconds(summary.median_interval_s.low), microseconds(summary.median_interval_s.high),
               microseconds(summary.p99_s), gigabytes_per_second(summary.algbw), gigabytes_per_second(summary.busbw),
               std::to_string(summary.samples), stop_of(row), to_string(flags_of(row.passes))});
  }
  fmt::print("\n{}  (95 % intervals within each launch)\n{}{}", rows.front().point().curve_name(), table.print(),
             describe_groups(rows) + describe_what_ran(rows) + describe_devices(rows));
}

void print_tables(const std::vector<Launch>& launches, const ShowOptions& options) {
  for (const Launch& launch : launches) {
    print_header(launch);
    if (options.provenance) {
      print_provenance(launch);
    }
  }
  const std::vector<PointOfLaunch> points = points_of(launches);
  for (auto begin = points.begin(); begin != points.end();) {
    const auto end = std::find_if(
        begin, points.end(), [&](const PointOfLaunch& row) { return !belong_together(row.point(), begin->point()); });
    is_on_curve(begin->point().operation) ? print_curve({begin, end}) : print_shapes({begin, end});
    begin = end;
  }
}

/// A field of RFC 4180.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) {
    return text;
  }
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c == '"' ? "\"\"" : std::string(1, c);
  }
  return quoted + "\"";
}

nlohmann::ordered_json as_json(const PointOfLaunch& row) {
  const Summary& summary = row.summary;
  nlohmann::ordered_json json{{"name", row.point().name()},
                              {"run_uuid", row.launch->info.run_uuid},
                              {"payload_bytes", row.point().payload.count},
                              {"passes", row.passes.size()},
                              {"samples", summary.samples},
                              {"t_median_s", summary.median_s},
                              {"ci_lo_s", summary.median_interval_s.low},
                              {"ci_hi_s", summary.median_interval_s.high},
                              {"t_min_s", summary.min_s},
                              {"t_p05_s", summary.p05_s},
                              {"t_p95_s", summary.p95_s},
                              {"t_p99_s", summary.p99_s},
                              {"t_max_s", summary.max_s},
                              {"algbw_bytes_per_s", summary.algbw.value},
                              {"busbw_bytes_per_s", summary.busbw.value}};
  json.update(shape_as_json(row));
  json.update(what_ran_as_json(row));
  json["stop"] = stop_of(row);
  json["flags"] = to_string(flags_of(row.passes));
  return json;
}

nlohmann::ordered_json as_json(const Launch& launch, bool with_provenance) {
  const LaunchInfo& info = launch.info;
  nlohmann::ordered_json json{{"run_uuid", info.run_uuid},
                              {"campaign", info.campaign},
                              {"producer", info.producer},
                              {"source", info.source},
                              {"machine", info.machine},
                              {"ranks", info.ranks},
                              {"nodes", info.nodes},
                              {"started_utc_ns", info.started_utc_ns},
                              {"ended_utc_ns", info.ended_utc_ns},
                              {"finalised", info.finalised},
                              {"skipped", nlohmann::ordered_json::array()}};
  for (const Skipped& skipped : launch.skipped) {
    json["skipped"].push_back({{"name", skipped.point.name()}, {"reason", skipped.reason}});
  }
  if (with_provenance) {
    json["provenance"] = launch.provenance;
  }
  return json;
}

void print_json(const std::vector<Launch>& launches, bool with_provenance) {
  nlohmann::ordered_json json{{"launches", nlohmann::ordered_json::array()},
                              {"points", nlohmann::ordered_json::array()}};
  for (const Launch& launch : launches) {
    json["launches"].push_back(as_json(launch, with_provenance));
  }
  for (const PointOfLaunch& row : points_of(launches)) {
    json["points"].push_back(as_json(row));
  }
  fmt::print("{}\n", json.dump(2));
}

void print_csv(const std::vector<Launch>& launches) {
  bool is_first = true;
  for (const PointOfLaunch& row : points_of(launches)) {
    std::vector<std::string> keys;
    std::vector<std::string> cells;
    const nlohmann::ordered_json fields = as_json(row);
    for (const auto& [key, value] : fields.items()) {
      keys.push_back(key);
      cells.push_back(csv_field(value.is_string() ? value.get<std::string>() : value.dump()));
    }
    fmt::print("{}{}\n", is_first ? fmt::format("{}\n", fmt::join(keys, ",")) : "", fmt::join(cells, ","));
    is_first = false;
  }
}

/// Every sample of one point as CSV, one line per sample and rank.
void print_samples(const std::vector<Launch>& launches, const std::string& name) {
  std::set<std::string> known;
  std::string lines;
  for (const Launch& launch : launches) {
    for (const Measurement& visit : launch.measurements) {
      known.insert(visit.point.name());
      for (std::size_t i = 0; visit.point.name() == name && i < visit.samples(); ++i) {
        for (std::size_t rank = 0; rank < visit.rank_columns; ++rank) {
          lines += fmt::format("{},{},{},{},{}\n", launch.info.run_uuid, visit.pass, i, rank, visit.sample(i)[rank]);
        }
      }
    }
  }
  if (lines.empty()) {
    const std::vector<std::string_view> names(known.begin(), known.end());
    throw InputError(fmt::format("there is no point '{}'; the nearest is '{}'", name, nearest_name(name, names)));
  }
  fmt::print("run_uuid,pass,sample,rank,elapsed_s\n{}", lines);
}

/// The log that a launch was imported from, byte for byte.
void print_raw_text(const std::vector<std::filesystem::path>& paths) {
  std::vector<std::filesystem::path> files;
  for (const auto& path : paths) {
    const auto found = store::launch_files(path);
    files.insert(files.end(), found.begin(), found.end());
  }
  if (files.size() != 1) {
    throw InputError(fmt::format("show --raw: name one launch file; there are {}", files.size()));
  }
  const std::string text = store::read_raw_text(files.front());
  if (text.empty()) {
    throw InputError(
        fmt::format("{}: holds no text: it was not imported, or by Hockney before schema 1.2", files.front().string()));
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void show(const ShowOptions& options) {
  if (options.schema) {
    fmt::print("{}", options.json ? store::schema::schema_as_json() : store::schema::schema_as_markdown());
    return;
  }
  if (options.paths.empty()) {
    throw InputError("show: name a launch file or a campaign folder");
  }
  if (options.raw) {
    print_raw_text(options.paths);
    return;
  }
  const std::vector<Launch> launches = store::read_campaign(ReferenceLibrary().campaigns_given(options.paths));
  if (!options.samples_of.empty()) {
    print_samples(launches, options.samples_of);
  } else if (options.json) {
    print_json(launches, options.provenance);
  } else if (options.csv) {
    print_csv(launches);
  } else {
    print_tables(launches, options);
  }
}

}  // namespace

void add_show(CLI::App& app) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App* command = app.add_subcommand("show", "Print what launch files and campaign folders hold");
  command->add_option("FILE|DIR", options->paths, fmt::format("Launch files, or folders of them, {}", or_reference));
  CLI::Option* samples =
      command->add_option("--samples", options->samples_of, "All samples of the point of this name, as CSV")
          ->type_name("POINT");
  command->add_flag("--provenance", options->provenance, "Versions, environment and placements too");
  CLI::Option* csv = command->add_flag("--csv", options->csv, "One line per point and launch, as CSV");
  CLI::Option* json = command->add_flag("--json", options->json, "The same as JSON");
  command->add_flag("--schema", options->schema, "The layout of launch files instead (Markdown; JSON with --json)");
  CLI::Option* raw = command->add_flag("--raw", options->raw, "The text that an imported launch was read from");
  csv->excludes(json)->excludes(samples)->excludes(raw);
  json->excludes(samples)->excludes(raw);
  samples->excludes(raw);
  command->callback([options] { show(*options); });
}

}  // namespace hockney::commands
