#include "fit/segments/choose_segments.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <random>

#include "fit/segments/fit_curve.hpp"

namespace hockney::fit {
namespace {

/// `count` payloads from 8 B on, each four times the last, on one line or two; the machine strays from it by `stray`.
std::vector<cost::CurvePoint> coarse_grid(std::size_t count, double stray, bool switches, std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> normal;
  std::vector<cost::CurvePoint> points;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t payload = std::uint64_t{8} << (2 * i);
    const auto m = static_cast<double>(payload);
    const double exact = switches && i >= count / 2 ? 40e-6 + m / 20e9 : 2e-6 + m / 4e9;
    points.push_back({{payload}, exact * std::exp(stray * normal(generator)), 0.01, ""});
  }
  return points;
}

std::size_t by_criterion(const std::vector<cost::CurvePoint>& points) {
  return SegmentSearch(points, {}).best().begins.size();
}
std::size_t chosen(const std::vector<cost::CurvePoint>& points) { return choose_segments(points, {}).begins.size(); }

// Ten sizes whose launches agree to 1 %, on a machine whose times stray by 6 % from any line.
TEST(ChooseSegments, OfFewPayloadsTakesNoMoreThanTheHoldOutSupports) {
  double criterion = 0;
  double hold_out = 0;
  constexpr std::uint64_t curves = 20;
  for (std::uint64_t seed = 0; seed < curves; ++seed) {
    const auto points = coarse_grid(10, 0.06, false, seed);
    EXPECT_LE(chosen(points), by_criterion(points));
    criterion += static_cast<double>(by_criterion(points));
    hold_out += static_cast<double>(chosen(points));
  }
  EXPECT_GT(criterion / curves, 3) << "the criterion alone pairs the points up";
  EXPECT_LT(hold_out / curves, 2);
}

TEST(ChooseSegments, KeepsASwitchThatTheHoldOutSees) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    EXPECT_EQ(chosen(coarse_grid(12, 0.005, true, seed)), 2U) << seed;
  }
}

TEST(ChooseSegments, OfManyPayloadsFollowsTheCriterion) {
  const auto points = coarse_grid(14, 0.06, false, 1);
  EXPECT_EQ(chosen(points), by_criterion(points));
}

TEST(ChooseSegments, KeepsTheBordersThatLabelsForce) {
  auto points = coarse_grid(8, 0, false, 1);
  for (std::size_t i = 0; i < points.size(); ++i) {
    points[i].label = i < 4 ? "Tree/LL/4" : "Ring/Simple/8";
  }
  EXPECT_EQ(fit_curve(points).segments.size(), 2U);
}

}  // namespace
}  // namespace hockney::fit
