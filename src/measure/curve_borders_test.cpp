#include "measure/curve_borders.hpp"

#include <cmath>
#include <functional>
#include <gtest/gtest.h>

namespace hockney::measure {
namespace {

std::vector<CurveSample> curve(Bytes from, Bytes to, std::uint64_t factor, const std::function<double(double)>& law) {
  std::vector<CurveSample> points;
  for (Bytes payload = from; payload <= to; payload = payload * factor) {
    points.push_back({payload, law(static_cast<double>(payload.count)), 0.005});
  }
  return points;
}

double one_law(double m) { return 4e-6 + m / 10e9; }
double eager_then_rendezvous(double m) { return m < 60000 ? 4e-6 + m / 10e9 : 12e-6 + m / 10e9; }

TEST(CurveBorders, AreNoneWhereOneLineSaysItAll) {
  EXPECT_TRUE(find_borders(curve(Bytes{8}, mebibytes(64), 2, one_law)).empty());
  EXPECT_TRUE(find_borders(curve(Bytes{8}, mebibytes(64), 16, one_law)).empty());
  EXPECT_TRUE(find_borders({}).empty());
}

TEST(CurveBorders, LieWhereTheTimeJumpsWithoutAnyLabel) {
  for (const std::uint64_t factor : {2U, 4U}) {
    const auto points = curve(Bytes{8}, mebibytes(2), factor, eager_then_rendezvous);
    const auto borders = find_borders(points);
    ASSERT_EQ(borders.size(), 1U) << factor;
    EXPECT_LT(points[borders[0].before].payload, Bytes{60000});
    EXPECT_GT(points[borders[0].before + 1].payload, Bytes{60000});
    EXPECT_NEAR(borders[0].disagreement, std::log((12e-6 + 45e-7) / (4e-6 + 45e-7)), 0.3) << "8 us, near 45 KB";
  }
}

TEST(CurveBorders, LieWhereLabelsChangeThoughTheTimeDoesNot) {
  auto points = curve(Bytes{8}, kibibytes(64), 2, one_law);
  for (std::size_t i = 0; i < points.size(); ++i) {
    points[i].label = i < 5 ? "Ring/LL" : "Ring/Simple";
  }
  points[5].label = "";  // not told
  const auto borders = find_borders(points);
  ASSERT_EQ(borders.size(), 1U);
  EXPECT_EQ(borders[0].before, 5U);
  EXPECT_NEAR(borders[0].disagreement, 0, 1e-6);
}

TEST(CurveBorders, GiveALabelOfOnePointASegmentOfItsOwn) {
  auto points = curve(Bytes{8}, kibibytes(1), 2, one_law);
  for (std::size_t i = 0; i < points.size(); ++i) {
    points[i].label = i == 3 ? "Tree/LL" : "Ring/LL";
  }
  const auto borders = find_borders(points);
  ASSERT_EQ(borders.size(), 2U);
  EXPECT_EQ(borders[0].before, 2U);
  EXPECT_EQ(borders[1].before, 3U);
}

}  // namespace
}  // namespace hockney::measure
