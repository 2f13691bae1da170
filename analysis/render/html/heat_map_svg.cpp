#include "render/html/heat_map_svg.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/number.hpp"
#include "render/html/escape.hpp"

namespace hockney::render {
namespace {

constexpr double text_points = 11;
constexpr double most_name_width = 170;
constexpr double below = 44;  // names of columns and their label
constexpr double above = 8;
constexpr double bar_width = 12;
constexpr double right = 96;  // the colour bar and its texts
constexpr std::size_t most_columns_with_text = 20;
constexpr int bar_steps = 32;

/// Pixels of a map.
struct Place {
  std::size_t rows, columns;
  double left, cell_width, cell_height;
  bool has_texts;

  double width() const { return cell_width * static_cast<double>(columns); }
  double height() const { return cell_height * static_cast<double>(rows); }
  double x(std::size_t column) const { return left + cell_width * static_cast<double>(column); }
  double y(std::size_t row) const { return above + cell_height * static_cast<double>(rows - 1 - row); }
};

Place place_of(const HeatMap& map) {
  Place place{map.rows.size(), map.columns.size(), 0, 0, 0, map.columns.size() <= most_columns_with_text};
  double widest = 0;
  for (const std::string& name : map.rows) {
    widest = std::max(widest, width_of(name, text_points));
  }
  place.left = std::round(std::min(most_name_width, widest)) + 30;
  place.cell_width = place.has_texts ? 76 : 16;
  place.cell_height = place.has_texts ? 34 : 16;
  return place;
}

std::string text(double x, double y, std::string_view anchor, const std::string& content) {
  return fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>)", x, y, anchor, escaped(content));
}

std::string cells_svg(const HeatMap& map, const Cells& cells, const Place& place) {
  std::string svg;
  for (std::size_t i = 0; i < cells.values.size(); ++i) {
    const std::size_t row = i / cells.columns;
    const std::size_t column = i % cells.columns;
    const double share = cells.values[i] ? (*cells.values[i] - cells.low) / (cells.high - cells.low) : 0;
    svg += fmt::format(R"(<g><title>{}</title><rect x="{:g}" y="{:g}" width="{:g}" height="{:g}" {}/>)",
                       escaped(fmt::format("{}, {}: {}", map.rows[row], map.columns[column],
                                           cells.values[i] ? cells.labels[i] : "no value")),
                       place.x(column), place.y(row), place.cell_width, place.cell_height,
                       cells.values[i] ? fmt::format("fill=\"{}\"", viridis(share)) : "class=\"none\"");
    if (place.has_texts && !cells.labels[i].empty()) {
      svg += fmt::format(R"(<text x="{:g}" y="{:g}" class="{}">{}</text>)", place.x(column) + place.cell_width / 2,
                         place.y(row) + place.cell_height / 2 + 4,
                         !cells.values[i]          ? "v"
                         : share >= dark_text_from ? "v k"
                                                   : "v w",
                         escaped(cells.labels[i]));
    }
    svg += "</g>\n";
  }
  return svg;
}

std::string names_svg(const HeatMap& map, const Place& place) {
  std::string svg;
  const std::size_t step = place.has_texts ? 1 : 4;
  for (std::size_t row = 0; row < place.rows; ++row) {
    svg += text(place.left - 6, place.y(row) + place.cell_height / 2 + 4, "end",
                shortened(map.rows[row], most_name_width, text_points));
  }
  for (std::size_t column = 0; column < place.columns; column += step) {
    svg += text(place.x(column) + place.cell_width / 2, above + place.height() + 16, "middle",
                shortened(map.columns[column], static_cast<double>(step) * place.cell_width, text_points));
  }
  svg += text(place.left + place.width() / 2, above + place.height() + 36, "middle", map.x_label);
  svg += fmt::format(R"svg(<g transform="translate(12 {:.1f}) rotate(-90)">{}</g>)svg", above + place.height() / 2,
                     text(0, 0, "middle", map.y_label));
  return svg;
}

std::string bar_svg(const Cells& cells, const Place& place) {
  const double x = place.left + place.width() + 16;
  const double height = place.height();
  std::string svg;
  for (int i = 0; i < bar_steps; ++i) {
    svg += fmt::format(R"(<rect x="{:.1f}" y="{:.2f}" width="{:.1f}" height="{:.2f}" style="fill:{}"/>)", x,
                       above + height * (bar_steps - 1 - i) / bar_steps, bar_width, height / bar_steps + 0.5,
                       viridis((i + 0.5) / bar_steps));
  }
  const double names = x + bar_width + 5;
  svg += text(names, above + 9, "start", significant(cells.high, 3));
  svg += text(names, above + height, "start", significant(cells.low, 3));
  svg += fmt::format(R"svg(<g transform="translate({:.1f} {:.1f}) rotate(-90)">{}</g>)svg", x + 74, above + height / 2,
                     text(0, 0, "middle", cells.bar_label));
  return svg;
}

std::string watermark(const HeatMap& map, const Place& place) {
  std::string words;
  for (const std::string& remark : map.remarks) {
    words += (words.empty() ? "" : ", ") + remark.substr(0, remark.find(':'));
  }
  return words.empty() ? ""
                       : fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="middle" class="mark">{}</text>)",
                                     place.left + place.width() / 2, above + place.height() / 2 + 8, escaped(words));
}

}  // namespace

std::string heat_map_svg(const HeatMap& map) {
  const Figure figure = heat_map(map);
  const Cells& cells = *figure.panels.front().cells;
  const Place place = place_of(map);
  const double width = place.left + place.width() + right;
  const double height = above + place.height() + below;
  return fmt::format(R"(<svg class="heat" viewBox="0 0 {0:.0f} {1:.0f}" style="max-width:{0:.0f}px" role="img" )"
                     R"(aria-label="{2}" font-size="{3}">)",
                     width, height, escaped(map.title), text_points) +
         "\n" + cells_svg(map, cells, place) + names_svg(map, place) + bar_svg(cells, place) + watermark(map, place) +
         "</svg>\n";
}

}  // namespace hockney::render
