#include "views/cost_curves.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace hockney::views {
namespace {

cost::CostCurve curve_of(bool in_place) {
  cost::CostCurve curve;
  curve.shape.in_place = in_place;
  curve.machine = std::string(200, '0');
  curve.points = {{{1024}, 10e-6, 0.03, {}}, {{2048}, 11e-6, 0.03, {}}};
  cost::AlphaBeta segment;
  segment.from = {1024};
  segment.to = {2048};
  segment.alpha_s = 9e-6;
  segment.beta_s_per_byte = 1e-9;
  segment.points = 2;
  curve.segments = {segment};
  return curve;
}

bool says(const render::Figure& figure, std::string_view words) {
  return std::any_of(figure.texts.begin(), figure.texts.end(),
                     [&](const render::Text& text) { return text.text.ends_with(words); });
}

TEST(CostCurves, PanelsOfTheTwoPlacesDiffer) {
  const cost::CostCurve in = curve_of(true);
  const cost::CostCurve out = curve_of(false);
  const std::vector<const cost::CostCurve*> one{&in};
  const std::vector<const cost::CostCurve*> other{&out};
  EXPECT_TRUE(says(cost_curves(one), ", in place"));
  EXPECT_TRUE(says(cost_curves(other), ", out of place"));
  EXPECT_FALSE(says(cost_curves(other), ", in place"));
}

TEST(CostCurves, CurvesOfOneOperationShareAPanelAndALegendThatTellsThemApart) {
  const cost::CostCurve in = curve_of(true);
  const cost::CostCurve out = curve_of(false);
  cost::CostCurve other = curve_of(false);
  other.shape.become(Operation::all_gather);
  const std::vector<const cost::CostCurve*> all{&in, &other, &out};
  const render::Figure figure = cost_curves(all);
  ASSERT_EQ(figure.panels.size(), 4U);  // times and residuals of two operations
  std::vector<std::string> names;
  for (const render::Series& series : figure.panels.front().series) {
    if (!series.name.empty()) {
      names.push_back(series.name);
    }
  }
  EXPECT_EQ(names, (std::vector<std::string>{"host memory, 2 ranks (2 per node), in place",
                                             "host memory, 2 ranks (2 per node), out of place"}));
  EXPECT_EQ(figure.panels[1].series.size(), 2U);
  EXPECT_NE(figure.panels[1].series[0].colour, figure.panels[1].series[1].colour);
}

TEST(CostCurves, AHostNameIsCutToItsPanel) {
  const cost::CostCurve in = curve_of(true);
  const cost::CostCurve out = curve_of(false);
  const std::vector<const cost::CostCurve*> both{&in, &out};
  const render::Figure figure = cost_curves(both);
  std::size_t cut = 0;
  for (const render::Text& text : figure.texts) {
    if (text.text.starts_with("000")) {
      constexpr double widest_digit = 0.64 * 1.15;  // DejaVu Sans, in font sizes, and the hinting of pixels
      ++cut;
      EXPECT_TRUE(text.text.ends_with("..."));
      EXPECT_LT(static_cast<double>(text.text.size()) * text.points * widest_digit, figure.width);
    }
  }
  EXPECT_EQ(cut, 1U);
}

}  // namespace
}  // namespace hockney::views
