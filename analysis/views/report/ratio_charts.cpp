#include "views/report/ratio_charts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "render/plot/axis.hpp"
#include "views/comparison_view.hpp"
#include "views/report/marks.hpp"
#include "views/value_range.hpp"

namespace hockney::views {
namespace {

std::string side_text(const Case& shape) {
  return fmt::format("{}, {}", name_of(shape.fabric), to_string(shape.group));
}

std::string pair_text(const compare::CurveComparison& pair) {
  const Case& a = pair.a.curve.shape;
  const Case& b = pair.b.curve.shape;
  const std::string beside = side_text(a) == side_text(b) ? "" : fmt::format(" / {}", side_text(b));
  return fmt::format("{}, {}{}, {}{}", name_of(a.operation), side_text(a), beside, name_of(a.mode),
                     a.in_place ? ", in place" : "");
}

render::Series ratios_of(const compare::CurveComparison& pair, std::size_t place) {
  render::Series series{.name = pair_text(pair),
                        .draw = render::Draw::line_and_points,
                        .colour = render::nth_colour(place),
                        .shape = render::nth_shape(place)};
  for (const compare::PointComparison& point : pair.points) {
    const Interval interval = point.ratio.interval.value_or(Interval{point.ratio.value, point.ratio.value});
    series.x.push_back(static_cast<double>(std::max<std::uint64_t>(1, point.payload.count)));
    series.y.push_back(point.ratio.value);
    series.low.push_back(interval.low);
    series.high.push_back(interval.high);
  }
  return series;
}

Flags flags_of(const compare::Comparison& comparison) {
  Flags flags;
  for (const compare::CurveComparison& pair : comparison.curves) {
    flags.bits |= pair.a.curve.flags.bits | pair.b.curve.flags.bits;
  }
  return flags;
}

render::LineChart ratio_panel(const compare::Comparison& comparison) {
  render::LineChart panel{.title = "time of B / time of A", .horizontals = {1}};
  ValueRange payloads;
  ValueRange ratios;
  ratios.include(1);
  for (const compare::CurveComparison& pair : comparison.curves) {
    render::Series series = ratios_of(pair, panel.series.size());
    payloads.include(series.x);
    ratios.include(series.y);
    if (!series.x.empty()) {
      panel.series.push_back(std::move(series));
    }
  }
  if (!panel.series.empty()) {
    panel.x = render::bytes_axis("payload", payloads.low, payloads.high);
    panel.y = render::number_axis("time of B / time of A", render::Scale::log, ratios.low, ratios.high);
  }
  return panel;
}

render::Table verdict_table(const compare::Comparison& comparison) {
  render::Table table{
      .columns = {render::text_column("verdict", "verdict"), render::number_column("points", "points")}};
  for (const auto& [verdict, name] : Names<compare::Verdict>::table) {
    if (const std::size_t points = compare::count(comparison, verdict); points > 0) {
      table.rows.push_back({name, points});
    }
  }
  table.remarks = {
      fmt::format("A faster, B faster and equivalent (within {:g} %): 5 % chance that any of them is wrong "
                  "(Holm); no spread: {}",
                  100 * comparison.margin, reason_without_spread(comparison))};
  return table;
}

render::Foldout all_points(const compare::Comparison& comparison) {
  render::Foldout foldout{"every point of the comparison"};
  for (render::Table& table : comparison_view(comparison, {}).tables) {
    if (table.name == "points" && !table.rows.empty()) {
      foldout.tables.push_back(std::move(table));
    }
  }
  return foldout;
}

}  // namespace

std::vector<render::Block> comparison_blocks(const compare::Comparison& comparison, const std::string& title) {
  render::LineChart panel = ratio_panel(comparison);
  if (panel.series.empty()) {
    return {};
  }
  render::ChartGroup group{
      .title = title, .subtitles = {"above 1: A is faster; bands: 95 % over launches, where there are two or more"}};
  group.remarks = marks_of(flags_of(comparison));
  group.panels.push_back(std::move(panel));
  return {std::move(group), verdict_table(comparison), all_points(comparison)};
}

}  // namespace hockney::views
