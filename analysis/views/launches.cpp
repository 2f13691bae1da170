#include "views/launches.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <set>
#include <span>

#include "record/bracket.hpp"
#include "record/stated_line_rate.hpp"
#include "render/fields.hpp"
#include "scan/pair_times.hpp"
#include "views/interference.hpp"
#include "views/point_tables.hpp"
#include "views/points.hpp"
#include "views/scan_view.hpp"
#include "views/what_ran.hpp"

namespace hockney::views {
namespace {

using render::data_column;
using render::number_column;
using render::Table;
using render::text_column;

constexpr std::tuple launch_fields{field<&LaunchInfo::run_uuid>("run_uuid", "", "names the launch"),
                                   field<&LaunchInfo::campaign>("campaign", "", "what launches of one campaign share"),
                                   field<&LaunchInfo::producer>("producer", "", "program that measured"),
                                   field<&LaunchInfo::source>("source", "", "of imported figures: file and citation"),
                                   field<&LaunchInfo::machine>("machine", "", "host name pattern or given name"),
                                   field<&LaunchInfo::ranks>("ranks", "1", "ranks"),
                                   field<&LaunchInfo::nodes>("nodes", "1", "nodes"),
                                   field<&LaunchInfo::started_utc_ns>("started_utc_ns", "ns", "since 1970"),
                                   field<&LaunchInfo::ended_utc_ns>("ended_utc_ns", "ns", "since 1970; 0: not ended"),
                                   field<&LaunchInfo::finalised>("finalised", "1", "ended normally")};

std::string transports_of(const Launch& launch) {
  std::set<std::string_view> names;
  for (const Measurement& visit : launch.measurements) {
    names.insert(name_of(visit.point.transport));
  }
  return names.empty() ? "no points" : fmt::format("{}", fmt::join(names, ","));
}

std::string ranks_of(const LaunchInfo& info) {
  return info.nodes == 0 ? fmt::format("{} ranks, nodes unknown", info.ranks)
                         : fmt::format("{} ranks on {} node{}", info.ranks, info.nodes, info.nodes == 1 ? "" : "s");
}

std::vector<std::string> lines_of(const Launch& launch) {
  const LaunchInfo& info = launch.info;
  const std::string state = info.finalised ? "finished " + to_iso8601(info.ended_utc_ns) : "NOT FINISHED";
  std::vector<std::string> lines{
      fmt::format("launch {}: campaign {}, machine {}, {}, transport {}", short_id(launch), info.campaign, info.machine,
                  ranks_of(info), transports_of(launch)),
      fmt::format("  {}, started {}, {}, {} visits, {} cases skipped", info.producer, to_iso8601(info.started_utc_ns),
                  state, launch.measurements.size(), launch.skipped.size())};
  if (!info.source.empty()) {
    lines.push_back(fmt::format("  source: {}", info.source));
  }
  return lines;
}

Table launch_table(const Launch& launch) {
  Table table{.name = "launches", .lines = lines_of(launch), .columns = render::columns_of(launch_fields)};
  table.rows = {render::cells_of(launch.info, launch_fields)};
  return table;
}

Table skipped_table(const Launch& launch) {
  Table table{.name = "skipped", .columns = {data_column("run_uuid"), data_column("name"), data_column("reason")}};
  for (const Skipped& skipped : launch.skipped) {
    table.rows.push_back({launch.info.run_uuid, skipped.point.name(), skipped.reason});
    table.lines.push_back(fmt::format("  skipped {}: {}", skipped.point.name(), skipped.reason));
  }
  return table;
}

Table provenance_table(const Launch& launch) {
  Table table{.name = "provenance", .columns = {data_column("run_uuid"), data_column("key"), data_column("value")}};
  for (const auto& [key, value] : launch.provenance) {
    table.rows.push_back({launch.info.run_uuid, key, value});
    table.lines.push_back(fmt::format("  {} = {}", key, value));
  }
  return table;
}

Table placement_table(const Launch& launch) {
  Table table{.name = "placements"};
  table.columns = {data_column("run_uuid"),
                   number_column("rank", "rank"),
                   text_column("host", "host"),
                   number_column("local_rank", "local rank"),
                   number_column("numa_node", "NUMA node"),
                   number_column("cpus_allowed", "CPUs"),
                   text_column("gpu", "GPU")};
  for (const Placement& placement : launch.placements) {
    table.rows.push_back({launch.info.run_uuid, placement.rank, placement.host, placement.local_rank,
                          placement.numa_node < 0 ? render::Cell() : render::Cell(placement.numa_node),
                          placement.cpus_allowed, render::known(placement.gpu)});
  }
  return table;
}

/// Each warning once; with the launches that it is about where it is not about all.
std::vector<std::string> warnings_of(const std::vector<Launch>& launches) {
  std::vector<std::string> warnings;
  std::map<std::string, std::vector<std::string>> ids;
  const auto warn = [&](const std::string& text, const Launch& launch) {
    if (ids[text].empty()) {
      warnings.push_back(text);
    }
    ids[text].push_back(short_id(launch));
  };
  for (const Launch& launch : launches) {
    if (const auto rate = stated_line_rate(launch)) {
      warn(warning_about(*rate), launch);
    }
    for (const std::string& text : describe(flags_of(launch))) {
      warn(text, launch);
    }
  }
  for (std::string& text : warnings) {
    const std::vector<std::string>& of = ids.at(text);
    text += of.size() == launches.size() ? "" : fmt::format(" (launches {})", fmt::join(of, ", "));
  }
  return warnings;
}

bool belong_together(const Case& a, const Case& b) {
  return a.operation == b.operation && (!is_on_curve(a.operation) || a.curve_name() == b.curve_name());
}

void add_points(render::View& view, std::span<const PointOfLaunch> rows, bool with_adapters) {
  view.tables.push_back(point_table(rows));
  view.tables.push_back(over_launches(rows));
  view.tables.push_back(slowest_groups(rows));
  view.tables.push_back(what_ran(rows, with_adapters));
  view.tables.push_back(gpu_states(rows));
}

bool has_host_work_on_its_clock(const Case& point) {
  return point.transport == TransportKind::nccl && point.mode == Mode::graph && is_inter_node(point.fabric);
}

/// What a reader of some of the points must know, once for all of them.
std::vector<std::string> notes_on(std::span<const PointOfLaunch> points) {
  std::vector<std::string> notes;
  const auto note_if_any = [&](auto is_of, std::string_view text) {
    if (std::any_of(points.begin(), points.end(), is_of)) {
      notes.emplace_back(text);
    }
  };
  note_if_any([](const PointOfLaunch& row) { return has_wide_bracket(*row.passes.front(), row.summary); },
              "wide_bracket: the time lies between 'fastest rank' and 'median', and they are further apart than the "
              "95 % interval is wide (docs/measuring.md, Time across ranks)");
  note_if_any([](const PointOfLaunch& row) { return has_host_work_on_its_clock(row.point()); },
              "mode graph over a network: work of the host is on the clock, since NCCL puts a call of the host into "
              "every captured plan (docs/measuring.md, Modes)");
  return notes;
}

/// A scan's exchanges are in tables of their own.
std::vector<PointOfLaunch> points_on_curves(const std::vector<Launch>& launches) {
  std::vector<PointOfLaunch> points = points_of(launches);
  std::erase_if(points, [](const PointOfLaunch& row) { return scan::is_scan(*row.launch); });
  return points;
}

}  // namespace

render::View launches(const std::vector<Launch>& launches, bool with_provenance) {
  render::View view{.what = "launches", .version = "1.1.0", .warnings = warnings_of(launches), .main_table = "points"};
  for (const Launch& launch : launches) {
    view.tables.push_back(launch_table(launch));
    view.tables.push_back(skipped_table(launch));
    if (with_provenance) {
      view.tables.push_back(provenance_table(launch));
      view.tables.push_back(placement_table(launch));
    }
  }
  for (const Launch& launch : launches) {
    for (Table& table : scan_tables(launch)) {
      view.tables.push_back(std::move(table));
    }
  }
  const std::vector<PointOfLaunch> points = points_on_curves(launches);
  const bool with_adapters = use_different_adapters(points);
  for (auto begin = points.begin(); begin != points.end();) {
    const auto end = std::find_if(
        begin, points.end(), [&](const PointOfLaunch& row) { return !belong_together(row.point(), begin->point()); });
    add_points(view, {begin, end}, with_adapters);
    begin = end;
  }
  for (Table& table : interference(points)) {
    view.tables.push_back(std::move(table));
  }
  if (points.empty()) {
    view.tables.push_back({.name = view.main_table});
  }
  view.notes = notes_on(points);
  return view;
}

}  // namespace hockney::views
