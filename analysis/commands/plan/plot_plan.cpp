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

namespace hockney::commands {
namespace {

constexpr double per_cent = 100;

void require_overheads(const std::vector<predict::Swept>& points) {
  if (std::none_of(points.begin(), points.end(), [](const auto& point) { return point.best.has_value(); })) {
    throw InputError("--plot: nothing to draw: no pair of sizes divides evenly and fits in memory");
  }
}

std::set<std::uint64_t> sizes_of(const std::vector<predict::Swept>& points, std::uint64_t predict::Swept::*size) {
  std::set<std::uint64_t> sizes;
  for (const predict::Swept& point : points) {
    if (point.best) {
      sizes.insert(point.*size);
    }
  }
  return sizes;
}

std::vector<std::string> texts_of(const std::set<std::uint64_t>& sizes) {
  std::vector<std::string> texts;
  for (const std::uint64_t size : sizes) {
    texts.push_back(std::to_string(size));
  }
  return texts;
}

std::size_t index_of(const std::set<std::uint64_t>& sizes, std::uint64_t size) {
  return static_cast<std::size_t>(std::distance(sizes.begin(), sizes.find(size)));
}

}  // namespace

void draw_overhead_map(const std::vector<predict::Swept>& points, const PlanPicture& picture) {
  require_overheads(points);
  const std::set<std::uint64_t> tensor = sizes_of(points, &predict::Swept::tensor);
  const std::set<std::uint64_t> pipeline = sizes_of(points, &predict::Swept::pipeline);
  render::HeatMap map;
  map.title = picture.title;
  map.subtitles = picture.subtitles;
  map.remarks = picture.remarks;
  map.x_label = "tensor parallel";
  map.columns = texts_of(tensor);
  map.y_label = "pipeline parallel";
  map.rows = texts_of(pipeline);
  map.value_label = "overhead (% of the step)";
  map.values.assign(pipeline.size(), std::vector<std::optional<double>>(tensor.size()));
  map.labels.assign(pipeline.size(), std::vector<std::string>(tensor.size()));
  for (const predict::Swept& point : points) {
    if (const auto overhead = point.overhead()) {
      const std::size_t row = index_of(pipeline, point.pipeline);
      const std::size_t column = index_of(tensor, point.tensor);
      map.values[row][column] = *overhead * per_cent;
      map.labels[row][column] = fmt::format("{:.1f}", *overhead * per_cent);
    }
  }
  render::write_figure(render::heat_map(map), picture.file);
}

void draw_overhead_lines(const std::vector<predict::Swept>& points, const PlanPicture& picture) {
  require_overheads(points);
  std::map<std::uint64_t, render::Series> lines;
  double highest = 0;
  for (const predict::Swept& point : points) {
    if (const auto overhead = point.overhead()) {
      render::Series& line = lines[point.tensor];
      line.x.push_back(static_cast<double>(point.pipeline));
      line.y.push_back(*overhead * per_cent);
      highest = std::max(highest, line.y.back());
    }
  }
  render::LineChart chart;
  chart.title = picture.title;
  chart.subtitles = picture.subtitles;
  chart.remarks = picture.remarks;
  const std::set<std::uint64_t> pipeline = sizes_of(points, &predict::Swept::pipeline);
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
