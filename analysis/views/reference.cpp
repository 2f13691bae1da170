#include "views/reference.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>
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

Cell stated(const std::string& text) { return render::known(text).shown_as(text.empty() ? "not stated" : text); }

template <class Value, class Of>
Cell distinct(const Launch& launch, Of of) {
  std::set<Value> values;
  for (const Measurement& visit : launch.measurements) {
    values.insert(of(visit.point));
  }
  return render::known(fmt::format("{}", fmt::join(values, ",")));
}

std::vector<Cell> list_row(const ReferenceFile& file) {
  const Launch& launch = file.launch;
  return {file.system,
          file.file,
          stated(key_of(launch, "gpu")),
          key_of(launch, "fabric"),
          distinct<std::string_view>(launch, [](const Case& point) { return name_of(point.operation); }),
          distinct<std::uint32_t>(launch, [](const Case& point) { return point.group.ranks; }),
          launch.measurements.size(),
          stated(key_of(launch, "date")),
          stated_line_rate(launch) ? "ESTIMATED FROM LINE RATE" : "measured",
          key_of(launch, "source")};
}

Table source_table(const ReferenceFile& file) {
  Table table{.name = "sources", .title = "== " + file.file};
  table.columns = {data_column("file"), data_column("key"), data_column("value")};
  if (const auto rate = stated_line_rate(file.launch)) {
    table.lines.push_back(fmt::format("ESTIMATED FROM LINE RATE: {}; nothing was measured", to_string(*rate)));
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
  render::View view{.what = "reference list", .version = "1.0.0", .main_table = "files"};
  Table& table = view.tables.emplace_back(Table{.name = "files"});
  table.columns = {text_column("system", "system"),
                   data_column("file"),
                   text_column("gpu", "GPU"),
                   text_column("fabric", "fabric"),
                   text_column("operations", "operations"),
                   text_column("ranks", "ranks"),
                   number_column("points", "points"),
                   text_column("date", "date"),
                   text_column("basis", "basis"),
                   text_column("source", "source")};
  for (const ReferenceFile& file : files) {
    table.rows.push_back(list_row(file));
  }
  table.remarks = {"", "Everything of one system, its caveats too: hockney reference show NAME"};
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
