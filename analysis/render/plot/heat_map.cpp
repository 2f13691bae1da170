#include "render/plot/heat_map.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "base/number.hpp"
#include "render/plot/axis.hpp"
#include "render/plot/heading.hpp"

namespace hockney::render {
namespace {

constexpr double edge = 16;
constexpr double left_of_axis = 100;
constexpr double right_of_axis = 110;  // the colour bar, its numbers and its label
constexpr double below_axis = 56;
constexpr double cell_width = 74;
constexpr double cell_height = 40;
constexpr double least_inner = 320;

void require_shape(const HeatMap& map) {
  const auto fits = [&](const auto& table) {
    return table.size() == map.rows.size() &&
           std::all_of(table.begin(), table.end(), [&](const auto& row) { return row.size() == map.columns.size(); });
  };
  if (map.rows.empty() || map.columns.empty() || !fits(map.values) || (!map.labels.empty() && !fits(map.labels))) {
    throw Failure("heat map: values are not rows x columns");
  }
}

Cells cells_of(const HeatMap& map) {
  Cells cells;
  cells.columns = map.columns.size();
  cells.bar_label = map.value_label;
  std::vector<double> known;
  for (std::size_t row = 0; row < map.rows.size(); ++row) {
    for (std::size_t column = 0; column < map.columns.size(); ++column) {
      std::optional<double> value = map.values[row][column];
      value = value && std::isfinite(*value) ? value : std::nullopt;
      cells.values.push_back(value);
      cells.labels.push_back(!value ? map.missing : map.labels.empty() ? significant(*value) : map.labels[row][column]);
      if (value) {
        known.push_back(*value);
      }
    }
  }
  if (known.empty()) {
    throw Failure("heat map: no cell has a value");
  }
  cells.low = *std::min_element(known.begin(), known.end());
  cells.high = *std::max_element(known.begin(), known.end());
  if (cells.low == cells.high) {
    cells.high += std::max(1.0, std::abs(cells.low)) / 2;
  }
  return cells;
}

}  // namespace

Figure heat_map(const HeatMap& map) {
  require_shape(map);
  const double width = std::max(least_inner, cell_width * static_cast<double>(map.columns.size()));
  const double height = std::max(least_inner / 2, cell_height * static_cast<double>(map.rows.size()));
  Figure figure;
  figure.width = left_of_axis + width + right_of_axis;
  const double top = add_heading(figure, {.title = map.title, .subtitles = map.subtitles, .remarks = map.remarks}, edge,
                                 edge, figure.width - 2 * edge) +
                     edge;
  figure.height = top + height + below_axis;
  figure.panels.push_back({.inner = {left_of_axis, top, width, height},
                           .x = names_axis(map.x_label, map.columns),
                           .y = names_axis(map.y_label, map.rows),
                           .cells = cells_of(map)});
  return figure;
}

}  // namespace hockney::render
