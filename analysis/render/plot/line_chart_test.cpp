#include "render/plot/line_chart.hpp"

#include <gtest/gtest.h>

#include "render/plot/axis.hpp"

namespace hockney::render {
namespace {

TEST(LineChart, LegendsAreCutOnlyWhereTheyWouldTakeTooMuch) {
  LineChart chart;
  chart.x = counts_axis("x", {1, 2});
  chart.y = number_axis("y", Scale::linear, 0, 1);
  for (const char* name : {"a", "tensor parallel 16"}) {
    chart.series.push_back({.name = name, .x = {1, 2}, .y = {0, 1}});
  }
  chart.series.push_back({.name = std::string(100, 'm'), .x = {1, 2}, .y = {1, 0}});
  const Figure all = line_chart(chart);
  EXPECT_EQ(all.panels.at(0).series.at(1).name, "tensor parallel 16");
  EXPECT_TRUE(all.panels[0].series.at(2).name.ends_with("..."));
  chart.series.pop_back();
  for (std::size_t length = 1; length < 20; ++length) {
    chart.series.back().name = std::string(length, 'm');
    EXPECT_EQ(line_chart(chart).panels.at(0).series.at(1).name.size(), length);
  }
}

}  // namespace
}  // namespace hockney::render
