#include "views/overhead_map.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace hockney::views {
namespace {

constexpr double per_cent = 100;

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

bool has_overheads(const std::vector<predict::Swept>& points) {
  return std::any_of(points.begin(), points.end(), [](const auto& point) { return point.best.has_value(); });
}

render::HeatMap overhead_map(const std::vector<predict::Swept>& points) {
  const std::set<std::uint64_t> tensor = sizes_of(points, &predict::Swept::tensor);
  const std::set<std::uint64_t> pipeline = sizes_of(points, &predict::Swept::pipeline);
  render::HeatMap map;
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
  return map;
}

}  // namespace hockney::views
