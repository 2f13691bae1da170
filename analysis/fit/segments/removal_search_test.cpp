#include "fit/segments/removal_search.hpp"

#include <gtest/gtest.h>
#include <random>

#include "fit/segments/fit_curve.hpp"
#include "fit/simulated_machine.hpp"

namespace hockney::fit {
namespace {

std::vector<cost::CurvePoint> noisy_protocols(std::uint64_t seed, double noise, std::size_t sizes) {
  std::mt19937_64 generator(seed);
  std::lognormal_distribution<double> disturbed(0, noise);
  std::vector<cost::CurvePoint> points;
  for (std::size_t i = 0; i < sizes; ++i) {
    const double m = 8 * std::pow(2.0, 30.0 * static_cast<double>(i) / static_cast<double>(sizes));
    const double law = m < 6e4 ? 6e-6 + m / 4e9 : m < 4e6 ? 9e-6 + m / 60e9 : 40e-6 + m / 200e9;
    points.push_back({{static_cast<std::uint64_t>(m) + i}, law * disturbed(generator), 0.03});
  }
  return points;
}

void expect_same_as_searching_anew(const std::vector<cost::CurvePoint>& points, const SegmentOptions& options) {
  const SegmentSearch whole(points, options);
  const RemovalSearch removals(whole);
  for (std::size_t i = 1; i + 1 < points.size(); ++i) {
    std::vector<cost::CurvePoint> others = points;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    const SegmentBegins anew = SegmentSearch(others, options).best();
    const SegmentBegins shared = removals.without(i);
    EXPECT_EQ(shared.begins, anew.begins) << "without point " << i;
    EXPECT_EQ(shared.capped, anew.capped) << "without point " << i;
  }
}

TEST(RemovalSearch, FindsWhatASearchOfTheOtherPointsFinds) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    for (const double noise : {0.003, 0.03, 0.3}) {
      expect_same_as_searching_anew(noisy_protocols(seed, noise, 31), {.most_segments = 7});
    }
  }
}

TEST(RemovalSearch, AlsoWhereTheSearchIsCappedAndSegmentsAreLong) {
  expect_same_as_searching_anew(noisy_protocols(1, 0.3, 31), {.most_segments = 2});
  expect_same_as_searching_anew(noisy_protocols(2, 0.3, 24), {.most_segments = 1});
  expect_same_as_searching_anew(noisy_protocols(3, 0.1, 31), {.most_segments = 7, .least_points = 4});
}

TEST(RemovalSearch, AlsoOfFewPoints) {
  for (std::size_t sizes = 3; sizes <= 8; ++sizes) {
    expect_same_as_searching_anew(noisy_protocols(sizes, 0.3, sizes), {});
  }
}

TEST(RemovalSearch, AlsoWithLabelsAndWithTheRobustLoss) {
  auto points = noisy_protocols(4, 0.03, 20);
  for (std::size_t i = 0; i < points.size(); ++i) {
    points[i].label = i < 7 ? "Tree/LL/2" : i == 7 ? "Ring/LL/2" : "Ring/Simple/8";
  }
  expect_same_as_searching_anew(points, {});
  expect_same_as_searching_anew(noisy_protocols(5, 0.1, 20), {.robust = true});
}

}  // namespace
}  // namespace hockney::fit
