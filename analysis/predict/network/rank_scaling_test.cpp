#include "predict/network/rank_scaling.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <initializer_list>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "predict/step/synthetic_model.hpp"

namespace hockney::predict {
namespace {

constexpr double alpha = 10e-6;
constexpr double beta = 1 / 100e9;
constexpr Bytes payload = mebibytes(1);
constexpr double m = 1048576;

cost::CostCurve ring(std::uint32_t ranks, double alpha_s = alpha, double beta_s_per_byte = beta) {
  return synthetic::line(Operation::all_reduce, Fabric::nvswitch, ranks, ranks, alpha_s, beta_s_per_byte);
}

TEST(RankScaling, LatencyOfARingByNcclsOwnModel) {
  EXPECT_DOUBLE_EQ(ring_latency_factor(Operation::all_reduce, 8, 2), (8.4 + 3.4 * 2) / (8.4 + 3.4 * 14));
  EXPECT_DOUBLE_EQ(ring_latency_factor(Operation::all_gather, 2, 8), (8.4 + 3.4 * 7) / (8.4 + 3.4));
}

TEST(RankScaling, RingStepsUpwards) {
  const cost::Estimate estimate = extrapolate_ranks(ring(2), 8, payload);
  const double volume = (7.0 / 8) / (1.0 / 2);
  EXPECT_DOUBLE_EQ(estimate.value_s, ring_latency_factor(Operation::all_reduce, 2, 8) * alpha + volume * beta * m);
  EXPECT_DOUBLE_EQ(estimate.low_s, 3 * alpha + volume * beta * m);   // log2 8 / log2 2 levels
  EXPECT_DOUBLE_EQ(estimate.high_s, 7 * alpha + volume * beta * m);  // 7 / 1 steps
  EXPECT_TRUE(estimate.extrapolated);
  EXPECT_EQ(estimate.remark, "extrapolated from 2 to 8 ranks by ring steps");
  EXPECT_EQ(estimate.curve, ring(2).name());
}

TEST(RankScaling, RingStepsDownwards) {
  const cost::Estimate estimate = extrapolate_ranks(ring(8), 2, payload);
  const double volume = (1.0 / 2) / (7.0 / 8);
  EXPECT_DOUBLE_EQ(estimate.value_s, ring_latency_factor(Operation::all_reduce, 8, 2) * alpha + volume * beta * m);
  EXPECT_DOUBLE_EQ(estimate.low_s, alpha / 7 + volume * beta * m);
  EXPECT_DOUBLE_EQ(estimate.high_s, alpha / 3 + volume * beta * m);
}

TEST(RankScaling, MeasuredPointsScaleWithTheirSegment) {
  cost::CostCurve curve = ring(8);
  for (const Bytes size : {kibibytes(1), mebibytes(1), mebibytes(2), gibibytes(1)}) {
    curve.points.push_back({size, 1.1 * curve.segments[0].at(size).count(), 0.01});
  }
  const cost::CostCurve bare = ring(8);
  for (const Bytes size : {kibibytes(2), mebibytes(1), mebibytes(100)}) {
    for (const std::uint32_t ranks : {2U, 4U, 16U}) {
      EXPECT_NEAR(extrapolate_ranks(curve, ranks, size).value_s, 1.1 * extrapolate_ranks(bare, ranks, size).value_s,
                  1e-9 * extrapolate_ranks(bare, ranks, size).value_s);
    }
  }
}

TEST(RankScaling, FewerRanksAreFaster) {
  double before = 0;
  for (const std::uint32_t ranks : {2U, 3U, 4U, 6U, 7U}) {
    const double seconds = extrapolate_ranks(ring(8), ranks, payload).value_s;
    EXPECT_GT(seconds, before);
    before = seconds;
  }
  EXPECT_LT(before, ring(8).at(payload).value_s);
}

TEST(RankScaling, KeepsTheCurvesOwnInterval) {
  const cost::CostCurve noisy = synthetic::with_launches(ring(2), {0.9, 1.0, 1.1});
  const cost::Estimate own = noisy.at(payload);
  const cost::Estimate estimate = extrapolate_ranks(noisy, 4, payload);
  ASSERT_LT(own.low_s, own.value_s);
  EXPECT_GT(estimate.high_s / estimate.value_s, own.high_s / own.value_s);
  EXPECT_LT(estimate.low_s / estimate.value_s, own.low_s / own.value_s);
  EXPECT_TRUE(estimate.launches_s.empty());
  EXPECT_EQ(estimate.basis, cost::IntervalBasis::launches);
}

TEST(RankScaling, CovarianceScalesWithItsParameters) {
  cost::CostCurve curve = ring(2);
  curve.segments[0].covariance_aa = 4e-14;
  curve.segments[0].covariance_ab = -2e-20;
  curve.segments[0].covariance_bb = 9e-26;
  const cost::AlphaBeta segment = scaled(curve, 7, 1.75).segments[0];
  EXPECT_DOUBLE_EQ(segment.covariance_aa, 49 * 4e-14);
  EXPECT_DOUBLE_EQ(segment.covariance_ab, 7 * 1.75 * -2e-20);
  EXPECT_DOUBLE_EQ(segment.covariance_bb, 1.75 * 1.75 * 9e-26);
}

TEST(RankScaling, TellsOfPayloadsOutsideToo) {
  const cost::Estimate estimate = extrapolate_ranks(ring(2), 8, gibibytes(32));
  EXPECT_NE(estimate.remark.find("by ring steps; payload 32 GiB"), std::string::npos) << estimate.remark;
}

TEST(RankScaling, RefusesWhatIsNoExtrapolation) {
  EXPECT_THROW(extrapolate_ranks(ring(8), 8, payload), Failure);
  EXPECT_THROW(extrapolate_ranks(ring(8), 1, payload), Failure);
  EXPECT_THROW(interpolate_ranks(ring(4), ring(8), 8, payload), Failure);
  EXPECT_THROW(interpolate_ranks(ring(4), ring(8), 3, payload), Failure);
}

const RankHoldOut erred_by_a_quarter{.power_law = {.p95 = 0.25, .count = 10}, .ring_steps = {.p95 = 0.5, .count = 10}};

TEST(RankScaling, PowerLawThroughTwoCounts) {
  const cost::CostCurve below = ring(4, 4e-6, 4e-11);
  const cost::CostCurve above = ring(8, 8e-6, 8e-11);
  const cost::Estimate estimate = extrapolate_by_power_law(below, above, 16, payload, erred_by_a_quarter);
  EXPECT_NEAR(estimate.value_s, 16e-6 + 16e-11 * m, 1e-12);
  EXPECT_DOUBLE_EQ(estimate.high_s, 1.25 * estimate.value_s);
  EXPECT_DOUBLE_EQ(estimate.low_s, estimate.value_s / 1.25);
  EXPECT_TRUE(estimate.extrapolated);
  EXPECT_NE(estimate.remark.find("(95th percentile 25.0 against 50.0 %)"), std::string::npos) << estimate.remark;
  EXPECT_THROW(extrapolate_by_power_law(above, below, 32, payload, erred_by_a_quarter), Failure);
  EXPECT_THROW(extrapolate_by_power_law(below, above, 8, payload, erred_by_a_quarter), Failure);
}

TEST(RankScaling, PowerLawIsTrustedLessWithEveryDoubling) {
  const cost::CostCurve below = ring(4, 4e-6, 4e-11);
  const cost::CostCurve above = ring(8, 8e-6, 8e-11);
  const cost::Estimate nearer = extrapolate_by_power_law(below, above, 12, payload, erred_by_a_quarter);
  const cost::Estimate farther = extrapolate_by_power_law(below, above, 32, payload, erred_by_a_quarter);
  EXPECT_DOUBLE_EQ(nearer.high_s, 1.25 * nearer.value_s);
  EXPECT_DOUBLE_EQ(farther.high_s, 1.25 * 1.25 * farther.value_s);
}

// A family whose times are `time_us` at 1 MiB and twice that at 2 MiB.
std::vector<cost::CostCurve> family(std::initializer_list<std::pair<std::uint32_t, double>> ranks_and_time_us) {
  std::vector<cost::CostCurve> curves;
  for (const auto& [ranks, time_us] : ranks_and_time_us) {
    cost::CostCurve curve = ring(ranks, 0, time_us * 1e-6 / m);
    curve.points = {{mebibytes(1), time_us * 1e-6, 0.01}, {mebibytes(2), 2 * time_us * 1e-6, 0.01}};
    curves.push_back(curve);
  }
  return curves;
}

RankHoldOut hold_out(const std::vector<cost::CostCurve>& curves) {
  std::vector<const cost::CostCurve*> pointers;
  for (const cost::CostCurve& curve : curves) {
    pointers.push_back(&curve);
  }
  return hold_out_ranks(pointers);
}

TEST(RankHoldOut, FindsThePowerLawWhereTimesFollowOne) {
  const RankHoldOut tried = hold_out(family({{2, 20}, {4, 40}, {8, 80}, {16, 160}}));
  EXPECT_EQ(tried.power_law.count, 4U) << "two groups of two payloads";
  EXPECT_NEAR(tried.power_law.p95, 0, 1e-9);
  EXPECT_NEAR(tried.ring_steps.median, 1 - (1.0 / 2) * (7.0 / 8 / (3.0 / 4) + 15.0 / 16 / (7.0 / 8)) / 2, 1e-9)
      << "ring steps expect hardly more bytes";
  EXPECT_TRUE(tried.prefers_power_law());
}

TEST(RankHoldOut, FindsRingStepsWhereBytesPassThroughARing) {
  const RankHoldOut tried = hold_out(family({{2, 100. / 2}, {4, 100. * 3 / 4}, {8, 100. * 7 / 8}}));
  EXPECT_NEAR(tried.ring_steps.p95, 0, 1e-9);
  EXPECT_NEAR(tried.power_law.p95, (3. / 2) * (3. / 4) / (7. / 8) - 1, 1e-9);
  EXPECT_FALSE(tried.prefers_power_law());
}

TEST(RankHoldOut, NeedsTwoGroupsToPredictAThird) {
  const RankHoldOut tried = hold_out(family({{2, 20}, {4, 40}}));
  EXPECT_EQ(tried.power_law.count, 0U);
  EXPECT_FALSE(tried.prefers_power_law());
  EXPECT_EQ(hold_out({}).ring_steps.count, 0U);
}

TEST(RankScaling, InterpolatesLogLog) {
  // Proportional to the ranks at both ends, so that the power law between them is exact.
  const cost::Estimate estimate = interpolate_ranks(ring(4, 4e-6, 4e-11), ring(8, 8e-6, 8e-11), 6, payload);
  EXPECT_NEAR(estimate.value_s, 6e-6 + 6e-11 * m, 1e-15);
  EXPECT_FALSE(estimate.extrapolated);
  EXPECT_EQ(estimate.remark, "interpolated between 4 and 8 ranks");
}

TEST(RankScaling, InterpolatedIntervalHoldsTheValueAndTakesTheWeakerBasis) {
  const cost::CostCurve below = synthetic::with_launches(ring(4), {0.9, 1.1});
  const cost::CostCurve above = ring(16, 3 * alpha, 2 * beta);
  const cost::Estimate estimate = interpolate_ranks(below, above, 8, payload);
  EXPECT_EQ(estimate.basis, cost::IntervalBasis::within_launch);
  EXPECT_LT(estimate.low_s, estimate.value_s);
  EXPECT_GT(estimate.high_s, estimate.value_s);
  EXPECT_NEAR(estimate.value_s, std::sqrt(below.at(payload).value_s * above.at(payload).value_s), 1e-12);
}

}  // namespace
}  // namespace hockney::predict
