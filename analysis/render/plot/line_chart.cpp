#include "render/plot/line_chart.hpp"

#include <algorithm>

#include "render/plot/heading.hpp"

namespace hockney::render {
namespace {

constexpr double page_width = 900;
constexpr double inner_height = 480;
constexpr double edge = 16;
constexpr double left_of_axis = 90;
constexpr double below_axis = 56;
constexpr double legend_points = 10;
constexpr double legend_mark = 44;
constexpr double legend_most = 300;

double legend_width(const std::vector<Series>& series) {
  double widest = 0;
  for (const Series& each : series) {
    widest = each.name.empty() ? widest : std::max(widest, width_of(each.name, legend_points));
  }
  return widest == 0 ? 0 : std::min(legend_most, legend_mark + widest);
}

}  // namespace

Figure line_chart(const LineChart& chart) {
  Figure figure;
  figure.width = page_width;
  const double top = add_heading(figure, {.title = chart.title, .subtitles = chart.subtitles, .remarks = chart.remarks},
                                 edge, edge, page_width - 2 * edge) +
                     edge;
  figure.height = top + inner_height + below_axis;
  const double legend = legend_width(chart.series);
  Panel panel{.inner = {left_of_axis, top, page_width - left_of_axis - legend - edge, inner_height},
              .x = chart.x,
              .y = chart.y,
              .horizontals = chart.horizontals,
              .series = chart.series,
              .legend = legend > 0};
  for (Series& series : panel.series) {
    series.name = shortened(series.name, legend - legend_mark, legend_points);
  }
  figure.panels.push_back(std::move(panel));
  return figure;
}

}  // namespace hockney::render
