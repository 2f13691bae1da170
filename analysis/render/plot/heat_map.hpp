#pragma once

#include <optional>
#include <string>
#include <vector>

#include "render/plot/figure.hpp"

namespace hockney::render {

/// A table of numbers as coloured cells, each with its number.
///
///     HeatMap map;
///     map.title = "communication, share of the step";
///     map.x_label = "tensor parallel";    map.columns = {"1", "2", "4", "8"};
///     map.y_label = "pipeline parallel";  map.rows = {"1", "2"};
///     map.value_label = "share (%)";
///     map.values = {{12.5, 14.0, 20.1, std::nullopt}, {...}};       // [row][column]; row 0 is drawn at the bottom
///     write_figure(heat_map(map), "plan.png");
struct HeatMap {
  std::string title;
  std::vector<std::string> subtitles{};
  std::vector<std::string> remarks{};  ///< SIMULATED and the like: coloured, beneath the subtitles
  std::string x_label;
  std::vector<std::string> columns{};
  std::string y_label;
  std::vector<std::string> rows{};
  std::string value_label;                                   ///< beside the colour bar, unit included
  std::vector<std::vector<std::optional<double>>> values{};  ///< [row][column]; nothing: a grey cell
  std::vector<std::vector<std::string>> labels{};            ///< [row][column]; empty: the values, four digits
  std::string missing = "-";                                 ///< text of a cell without a value
};

/// The page for a map; it grows with the number of cells. Throws Failure unless values (and labels, where given) are
/// rows x columns and some cell has a finite value.
Figure heat_map(const HeatMap& map);

}  // namespace hockney::render
