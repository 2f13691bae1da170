#include "views/reference.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <span>

#include "record/stated_line_rate.hpp"
#include "render/forms.hpp"
#include "views/points.hpp"

namespace hockney::views {
namespace {

using render::Cell;
using render::data_column;
using render::number_column;
using render::Table;
using render::text_column;

constexpr std::string_view key_prefix = "reference.";

std::string key_of(const Launch& launch, std::string_view key) {
  const auto found = launch.provenance.find(fmt::format("{}{}", key_prefix, key));
  return found == launch.provenance.end() ? "" : found->second;
}

void add_new(std::vector<std::string>& values, std::string_view value) {
  if (!value.empty() && std::find(values.begin(), values.end(), value) == values.end()) {
    values.emplace_back(value);
  }
}

/// "microsoft/superbenchmark" of "microsoft/superbenchmark, commit 700d6501f110, ...": who published, without where.
std::string publisher_of(const Launch& launch) {
  const std::string source = key_of(launch, "source");
  return source.substr(0, source.find(','));
}

/// What the files of one system hold together; each value once, in the order of the files.
struct Holdings {
  std::vector<std::string> gpus, fabrics, stated_fabrics, operations, publishers;
  std::uint32_t largest_group = 0;
  std::size_t points = 0;

  void add(const Launch& launch) {
    if (stated_line_rate(launch)) {
      add_new(stated_fabrics, key_of(launch, "fabric"));
      return;
    }
    add_new(gpus, key_of(launch, "gpu"));
    add_new(fabrics, key_of(launch, "fabric"));
    add_new(publishers, publisher_of(launch));
    for (const Measurement& visit : launch.measurements) {
      add_new(operations, name_of(visit.point.operation));
    }
    largest_group = std::max(largest_group, launch.info.ranks);
    points += launch.measurements.size();
  }

  std::vector<Cell> row(const std::string& system) const {
    return {system, gpus, fabrics, stated_fabrics, operations, largest_group, points, publishers};
  }
};

Table source_table(const ReferenceFile& file) {
  Table table{.name = "sources", .title = "== " + file.file};
  table.columns = {data_column("file"), data_column("key"), data_column("value")};
  if (const auto rate = stated_line_rate(file.launch)) {
    table.lines.push_back(warning_about(*rate));
  }
  for (const auto& [key, value] : file.launch.provenance) {
    if (key.starts_with(key_prefix)) {
      const std::string name = key.substr(key_prefix.size());
      table.rows.push_back({file.file, name, value});
      table.lines.push_back(fmt::format("{}: {}", name, value));
    }
  }
  return table;
}

Table point_table(const ReferenceFile& file, std::span<const PointOfLaunch> rows) {
  Table table{.name = "points", .title = rows.front().point().curve_name()};
  table.columns = {data_column("file"),
                   data_column("name"),
                   number_column("payload_bytes", "payload", render::bytes),
                   number_column("t_median_s", "time us", render::microseconds),
                   number_column("last_digit_s", "last digit us", render::microseconds),
                   number_column("algbw_bytes_per_s", "algbw GB/s", render::gigabytes_per_second),
                   number_column("busbw_bytes_per_s", "busbw GB/s", render::gigabytes_per_second)};
  for (const PointOfLaunch& row : rows) {
    table.rows.push_back({file.file, row.point().name(), row.point().payload, row.summary.median_s,
                          row.passes.front()->clock_step_s, row.summary.algbw, row.summary.busbw});
  }
  return table;
}

void add_file(render::View& view, const ReferenceFile& file) {
  view.tables.push_back(source_table(file));
  const std::vector<Launch> launches{file.launch};
  const std::vector<PointOfLaunch> points = views::points_of(launches);
  for (auto begin = points.begin(); begin != points.end();) {
    const auto end = std::find_if(begin, points.end(), [&](const PointOfLaunch& row) {
      return row.point().curve_name() != begin->point().curve_name();
    });
    view.tables.push_back(point_table(file, {begin, end}));
    begin = end;
  }
}

}  // namespace

render::View reference_list(const std::vector<ReferenceFile>& files) {
  std::map<std::string, Holdings> systems;
  for (const ReferenceFile& file : files) {
    systems[file.system].add(file.launch);
  }
  render::View view{.what = "reference list", .version = "2.0.0", .main_table = "systems"};
  Table& table = view.tables.emplace_back(Table{.name = "systems"});
  table.columns = {text_column("system", "system"),         text_column("gpus", "GPU"),
                   text_column("fabrics", "measured on"),   text_column("stated_fabrics", "LINE RATE only"),
                   text_column("operations", "operations"), number_column("largest_group_ranks", "most GPUs"),
                   number_column("points", "points"),       text_column("publishers", "published by")};
  for (const auto& [system, holdings] : systems) {
    table.rows.push_back(holdings.row(system));
  }
  table.remarks = {"", "Sizes, sources, settings and caveats of one system: hockney reference show NAME"};
  return view;
}

render::View reference_system(const std::string& system, const std::vector<ReferenceFile>& files) {
  render::View view{.what = "reference system", .version = "1.0.0", .main_table = "points"};
  view.title = fmt::format("reference system {}", system);
  view.facts = {{"system", {}, system}};
  for (const ReferenceFile& file : files) {
    add_file(view, file);
  }
  return view;
}

}  // namespace hockney::views
