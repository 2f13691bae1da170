#include "commands/plan/plot_plan.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

#include "base/error.hpp"
#include "render/plot/axis.hpp"
#include "render/plot/gnuplot.hpp"
#include "render/plot/heat_map.hpp"
#include "render/plot/line_chart.hpp"
#include "views/overhead_map.hpp"

namespace hockney::commands {
namespace {

constexpr double per_cent = 100;

void require_overheads(const std::vector<predict::Swept>& points) {
  if (!views::has_overheads(points)) {
    throw InputError("--plot: nothing to draw: no pair of sizes divides evenly and fits in memory");
  }
}

}  // namespace

void draw_overhead_map(const std::vector<predict::Swept>& points, const PlanPicture& picture) {
  require_overheads(points);
  render::HeatMap map = views::overhead_map(points);
  map.title = picture.title;
  map.subtitles = picture.subtitles;
  map.remarks = picture.remarks;
  render::write_figure(render::heat_map(map), picture.file);
}

void draw_overhead_lines(const std::vector<predict::Swept>& points, const PlanPicture& picture) {
  require_overheads(points);
  std::map<std::uint64_t, render::Series> lines;
  std::set<double> pipeline;
  double highest = 0;
  for (const predict::Swept& point : points) {
    if (const auto overhead = point.overhead()) {
      render::Series& line = lines[point.tensor];
      line.x.push_back(static_cast<double>(point.pipeline));
      pipeline.insert(line.x.back());
      line.y.push_back(*overhead * per_cent);
      highest = std::max(highest, line.y.back());
    }
  }
  render::LineChart chart;
  chart.title = picture.title;
  chart.subtitles = picture.subtitles;
  chart.remarks = picture.remarks;
  chart.x = render::counts_axis("pipeline parallel", {pipeline.begin(), pipeline.end()});
  chart.y = render::number_axis("overhead (% of the step)", render::Scale::linear, 0, highest);
  for (auto& [tensor, line] : lines) {
    line.name = fmt::format("tensor parallel {}", tensor);
    line.draw = render::Draw::line_and_points;
    line.colour = render::nth_colour(chart.series.size());
    chart.series.push_back(std::move(line));
  }
  render::write_figure(render::line_chart(chart), picture.file);
}

}  // namespace hockney::commands
