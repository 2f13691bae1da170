#include "cost/local_law.hpp"

#include <cmath>
#include <gtest/gtest.h>

#include "cost/segments.hpp"

namespace hockney::cost {
namespace {

std::vector<CurvePoint> octaves(std::vector<double> times_us) {
  std::vector<CurvePoint> points;
  for (std::size_t i = 0; i < times_us.size(); ++i) {
    points.push_back({{std::uint64_t{1024} << i}, times_us[i] * 1e-6, 0.03});
  }
  return points;
}

double time_without(const std::vector<CurvePoint>& points, std::size_t index) {
  return local_time(neighbourhood_without(points, index), static_cast<double>(points[index].payload.count));
}

TEST(LocalLaw, IsExactOnAnAlphaBetaLaw) {
  std::vector<CurvePoint> points = octaves(std::vector<double>(12));
  for (CurvePoint& point : points) {
    point.time_s = 4e-6 + static_cast<double>(point.payload.count) / 1e9;
  }
  for (std::size_t i = 1; i + 1 < points.size(); ++i) {
    EXPECT_NEAR(time_without(points, i) / points[i].time_s, 1, 1e-12);
  }
  EXPECT_NEAR(local_time(neighbourhood_of(points, {5000}), 5000) / 9e-6, 1, 1e-12);
}

TEST(LocalLaw, AnswersAtAMeasuredSizeWithWhatWasMeasured) {
  const auto points = octaves({9, 4, 4.1, 30, 12, 13, 40, 41, 20});
  for (const CurvePoint& point : points) {
    EXPECT_NEAR(
        local_time(neighbourhood_of(points, point.payload), static_cast<double>(point.payload.count)) / point.time_s, 1,
        1e-12);
  }
}

TEST(LocalLaw, TimesThatFallTendToTheSmallerOne) {
  const auto points = octaves({90, 50, 20, 21});
  EXPECT_NEAR(time_without(points, 1), 20e-6, 1e-15) << "two octaves apart, at the middle";
  const double between = local_time(neighbourhood_of(points, {1536}), 1536);
  EXPECT_GT(between, 50e-6);
  EXPECT_LT(between, log_log_interpolation(1536, 1024, 90e-6, 2048, 50e-6));
}

TEST(LocalLaw, TimesThatOutgrowThePayloadFollowAPowerLaw) {
  const auto points = octaves({1, 4, 16, 64});
  EXPECT_NEAR(time_without(points, 1), 4e-6, 1e-15);
  EXPECT_NEAR(local_time(neighbourhood_of(points, {1448}), 1448), 1e-6 * std::pow(1448.0 / 1024, 2), 1e-15);
}

TEST(LocalLaw, CurvatureThatBothSidesShowBendsTheAnswer) {
  std::vector<CurvePoint> bent = octaves(std::vector<double>(9));
  for (CurvePoint& point : bent) {
    const double m = static_cast<double>(point.payload.count);
    point.time_s = 4e-6 + m / 1e9 + 1e-7 * std::sqrt(m);
  }
  for (std::size_t i = 2; i + 2 < bent.size(); ++i) {
    const Neighbourhood around = neighbourhood_without(bent, i);
    Neighbourhood straight = around;
    straight.before = nullptr;
    const double m = static_cast<double>(bent[i].payload.count);
    EXPECT_LT(std::abs(local_time(around, m) / bent[i].time_s - 1),
              0.5 * std::abs(local_time(straight, m) / bent[i].time_s - 1));
  }
}

TEST(LocalLaw, CurvatureDoesNotCrossALabel) {
  auto points = octaves({10, 11, 13, 17, 24, 30});
  const double plain = time_without(points, 2);
  points[0].label = "Ring/LL/2";
  points[1].label = "Ring/LL/2";
  points[3].label = "Ring/Simple/2";
  points[4].label = "Ring/Simple/2";
  EXPECT_EQ(time_without(points, 2), plain);
  points[4].label = "Ring/Simple/4";
  const Neighbourhood around = neighbourhood_without(points, 2);
  EXPECT_EQ(around.after, nullptr);
  EXPECT_NE(around.before, nullptr);
}

TEST(LocalLaw, ACurveWithPointsAnswersByItAndInOneWayOnly) {
  CostCurve curve;
  curve.points = octaves({9, 4, 4.1, 30, 12, 13});
  AlphaBeta segment;
  segment.from = curve.points.front().payload;
  segment.to = curve.points.back().payload;
  segment.alpha_s = 10e-6;
  segment.covariance_aa = 1e-14;
  curve.segments = {segment};
  for (const std::uint64_t m : {1024U, 1500U, 5000U, 9000U, 32768U}) {
    const Estimate estimate = curve.at({m});
    EXPECT_EQ(estimate.value_s, curve.time_at({m}));
    EXPECT_EQ(estimate.value_s, local_time(neighbourhood_of(curve.points, {m}), static_cast<double>(m)));
    EXPECT_LE(estimate.low_s, std::min(estimate.value_s, 10e-6)) << "either the line or the points may be right";
    EXPECT_GE(estimate.high_s, std::max(estimate.value_s, 10e-6));
  }
  EXPECT_EQ(curve.time_at({512}), 10e-6) << "outside, the segments";
  EXPECT_NEAR(curve.time_at({65536}), 13e-6, 1e-18) << "above, through what was measured last";
  EXPECT_NEAR(curve.time_at({32769}), curve.time_at({32768}), 1e-18);
}

TEST(LogErrorBetween, IsWhatTheLawMissesAtTheNeighbours) {
  std::vector<CurvePoint> exact = octaves(std::vector<double>(8));
  for (CurvePoint& point : exact) {
    point.time_s = 4e-6 + static_cast<double>(point.payload.count) / 1e9;
  }
  EXPECT_NEAR(log_error_between(exact, {3000}), 0, 1e-9);
  const auto rough = octaves({10, 10, 10, 20, 20, 20});
  const double missed = std::log(20e-6 / time_without(rough, 3));
  const double before = std::log(10e-6 / time_without(rough, 2));
  EXPECT_NEAR(log_error_between(rough, {5793}), std::sqrt((missed * missed + before * before) / 2), 1e-4)
      << "in full in the middle";
  EXPECT_EQ(log_error_between(rough, {4096}), 0) << "not where it was measured";
  EXPECT_NEAR(log_error_between(rough, {1448}), std::abs(std::log(10e-6 / time_without(rough, 1))), 1e-4)
      << "of the one neighbour that has neighbours";
  EXPECT_EQ(log_error_between(octaves({1, 2}), {1500}), 0) << "two points are left";
}

}  // namespace
}  // namespace hockney::cost
