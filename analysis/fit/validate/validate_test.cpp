#include "fit/validate/validate.hpp"

#include <gtest/gtest.h>

#include "fit/simulated_machine.hpp"

namespace hockney::fit {
namespace {

std::vector<cost::CurvePoint> points_on(double (*law)(double), std::uint32_t first, std::uint32_t last) {
  std::vector<cost::CurvePoint> points;
  for (const Bytes payload : SimulatedMachine::octaves(first, last)) {
    points.push_back({payload, law(static_cast<double>(payload.count)), 0.01});
  }
  return points;
}

TEST(Validate, ALineIsPredictedByALineAndNotByInterpolation) {
  const auto points = points_on([](double m) { return 4e-6 + m / 180e9; }, 3, 33);
  const cost::Validation validation = validate(points);
  EXPECT_EQ(validation.held_out, 29U);
  EXPECT_LT(validation.in_sample.p95, 1e-10);
  EXPECT_LT(validation.leave_one_out.p95, 1e-10);
  EXPECT_LT(validation.single_line.p95, 1e-10);
  EXPECT_GT(validation.log_log.p95, 0.01);
}

TEST(Validate, APowerLawIsPredictedByInterpolationAndNotByOneLine) {
  const auto points = points_on([](double m) { return 1e-7 * std::sqrt(m); }, 3, 13);
  const cost::Validation validation = validate(points);
  EXPECT_LT(validation.log_log.p95, 1e-10);
  EXPECT_GT(validation.single_line.p95, 0.1);
  EXPECT_GT(validation.single_line_in_sample.p95, 0.1);
}

TEST(Validate, ALeftOutSizeDoesNotPredictItself) {
  auto points = points_on([](double m) { return 4e-6 + m / 180e9; }, 3, 13);
  points[5].time_s *= 2;
  const cost::Validation validation = validate(points, {.most_segments = 1});
  EXPECT_NEAR(validation.leave_one_out.p95, 0.5, 0.25);
  EXPECT_NEAR(std::abs(validation.log_log.median - 0.0), 0, 0.01);
}

TEST(Validate, TwoPointsHoldNothingOut) {
  const auto points = points_on([](double m) { return 1e-6 + m; }, 3, 4);
  EXPECT_EQ(validate(points).held_out, 0U);
}

}  // namespace
}  // namespace hockney::fit
