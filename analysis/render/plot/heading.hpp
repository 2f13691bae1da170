#pragma once

#include <string>
#include <vector>

#include "render/plot/figure.hpp"

namespace hockney::render {

/// What stands above a panel.
struct Heading {
  std::string title;
  std::vector<std::string> subtitles{};
  std::vector<std::string> remarks{};  ///< coloured: what the reader must not miss
  double points = 13;                  ///< font size of the title
};

/// Adds the lines of a heading to a figure, each cut to `width` pixels, and returns where they end, in pixels from the
/// top of the page. (left, top) is the heading's corner, in pixels.
double add_heading(Figure& figure, const Heading& heading, double left, double top, double width);

}  // namespace hockney::render
