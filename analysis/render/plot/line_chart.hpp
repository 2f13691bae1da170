#pragma once

#include <string>
#include <vector>

#include "render/plot/figure.hpp"

namespace hockney::render {

/// One panel with lines, and a legend beside it.
///
///     LineChart chart;
///     chart.title = "gpt3-175b on dgx-a100";
///     chart.remarks = {"SIMULATED"};
///     chart.x = counts_axis("tensor parallel ranks", {1, 2, 4, 8});
///     chart.y = seconds_axis("time per step", 0.1, 3);
///     chart.series.push_back({.name = "tensor", .x = {1, 2, 4, 8}, .y = ..., .low = ..., .high = ...});
///     write_figure(line_chart(chart), "sweep.svg");
struct LineChart {
  std::string title;
  std::vector<std::string> subtitles{};  ///< small lines beneath the title
  std::vector<std::string> remarks{};    ///< SIMULATED and the like: coloured, beneath the subtitles
  Axis x{};                              ///< of axis.hpp
  Axis y{};
  std::vector<Series> series{};
  std::vector<double> horizontals{};  ///< thin lines at these y: a goal, a limit
};

/// The page for a chart, 900 x 600 pixels and as much higher as its text needs. Throws Failure without series.
Figure line_chart(const LineChart& chart);

}  // namespace hockney::render
