#pragma once

#include <string>

#include "render/plot/heat_map.hpp"

namespace hockney::render {

/// The cells of a map as an SVG element, with a colour bar; row 0 at the bottom. Each cell says its row, column and
/// value to a pointer that rests on it; texts are left out of maps of many cells. Throws as heat_map() does.
std::string heat_map_svg(const HeatMap& map);

}  // namespace hockney::render
