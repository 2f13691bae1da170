#include "predict/network/sharing.hpp"

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <vector>

#include "base/error.hpp"
#include "predict/step/synthetic_model.hpp"

namespace hockney::predict {
namespace {

// The max-rate model: a flow's bytes take 1 s by themselves, and the node brings those of `together` flows per second.
double law(double groups, double together) { return std::max(1.0, groups / together); }

std::vector<Load> measured(std::initializer_list<double> groups, double together) {
  std::vector<Load> loads;
  for (const double each : groups) {
    loads.push_back({each, law(each, together)});
  }
  return loads;
}

TEST(BytesAtOnce, TheBoundsHoldEveryNodeOfTheMaxRateModel) {
  for (const double together : {1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 100.0}) {
    for (const auto& loads : {measured({1, 8}, together), measured({1, 4}, together), measured({2, 4, 8}, together)}) {
      for (const double groups : {1.0, 2.0, 3.0, 5.0, 6.0, 7.0, 12.0, 16.0}) {
        const SharedBytes bytes = bytes_at_once(loads, groups);
        EXPECT_LE(bytes.low_s, law(groups, together) * (1 + 1e-12)) << groups << " groups, " << together;
        EXPECT_GE(bytes.high_s, law(groups, together) * (1 - 1e-12)) << groups << " groups, " << together;
        EXPECT_LE(bytes.low_s, bytes.value_s * (1 + 1e-12));
        EXPECT_GE(bytes.high_s, bytes.value_s * (1 - 1e-12));
      }
    }
  }
}

TEST(BytesAtOnce, IsExactWhereOneFlowFillsTheNodeAndWhereNoneDisturbs) {
  EXPECT_DOUBLE_EQ(bytes_at_once(measured({1, 3}, 1), 2).value_s, 2);
  EXPECT_DOUBLE_EQ(bytes_at_once(measured({1, 3}, 1), 6).value_s, 6);
  EXPECT_DOUBLE_EQ(bytes_at_once(measured({1, 8}, 100), 4).value_s, 1);
  EXPECT_DOUBLE_EQ(bytes_at_once(measured({2, 4, 8}, 1), 8).value_s, 8) << "a measured number is what was measured";
}

// What nobody measured: whether the NICs are used up.
TEST(BytesAtOnce, BeyondUndisturbedFlowsTheBoundsAreFarApart) {
  const SharedBytes bytes = bytes_at_once(measured({1, 4}, 4), 16);
  EXPECT_DOUBLE_EQ(bytes.low_s, 1);
  EXPECT_DOUBLE_EQ(bytes.high_s, 4);
  EXPECT_DOUBLE_EQ(bytes.value_s, 2);
}

TEST(BytesAtOnce, OneLoadTellsNothing) { EXPECT_THROW(bytes_at_once(measured({1}, 2), 4), Failure); }

cost::CostCurve pairs(std::uint32_t groups, double beta_s_per_byte) {
  cost::CostCurve curve =
      synthetic::line(Operation::ping_pong, Fabric::infiniband, 2, 1, 5e-6, beta_s_per_byte, Mode::stream);
  curve.shape.group.concurrent = groups;
  curve.shape.group.stride = groups;
  return curve;
}

TEST(EstimateAtOnce, LeavesTheLatencyAndSharesTheBytes) {
  const cost::CostCurve one = pairs(1, 1e-10);
  const cost::CostCurve eight = pairs(8, 8e-10);
  const std::array loads{&one, &eight};
  const cost::Estimate estimate = estimate_at_once(loads, 4, mebibytes(1));
  EXPECT_NEAR(estimate.value_s, 5e-6 + 4e-10 * 1048576, 1e-12);
  EXPECT_LE(estimate.low_s, estimate.value_s / (1 + sharing_error));
  EXPECT_GE(estimate.high_s, estimate.value_s * (1 + sharing_error));
  EXPECT_FALSE(estimate.extrapolated);
  EXPECT_TRUE(estimate_at_once(loads, 16, mebibytes(1)).extrapolated);
  EXPECT_NE(estimate.remark.find("4 groups at once by the law of sharing, measured with 1, 8"), std::string::npos)
      << estimate.remark;
}

TEST(GroupsAtOnce, AreThoseOnTheSameNodes) {
  Case shape;
  shape.group = {2, 1, 8, 32};
  EXPECT_EQ(groups_at_once(shape), 8U) << "32 pairs on eight nodes, eight of them on each";
  shape.group = {16, 8, 1, 4};
  EXPECT_EQ(groups_at_once(shape), 1U) << "each has its nodes for itself";
  shape.group = {4, 4, 1, 2};
  EXPECT_FALSE(groups_at_once(shape)) << "on one node or on two";
}

TEST(LeavingShare, MoreNodesSendMoreOfTheBytes) {
  const cost::CostCurve two_nodes = synthetic::line(Operation::all_to_all, Fabric::efa, 16, 8, 0, 1e-11);
  const cost::Estimate four = extrapolate_leaving_share(two_nodes, 32, mebibytes(64));
  EXPECT_NEAR(four.value_s, 64 * 1048576 * 1e-11 * 0.75 / 0.5, 1e-12);
  EXPECT_TRUE(four.extrapolated);
  EXPECT_THROW(extrapolate_leaving_share(two_nodes, 8, mebibytes(64)), Failure) << "they are on one node";
}

// Where a proxy carries all bytes, those that stay inside the node too, time does not grow with the nodes.
TEST(LeavingShare, IsHeldAgainstTheMeasuredCounts) {
  const auto curve = [](std::uint32_t ranks, double beta_s_per_byte) {
    cost::CostCurve all_to_all =
        synthetic::line(Operation::all_to_all, Fabric::efa, ranks, 8, 0, beta_s_per_byte, Mode::stream);
    for (const std::uint64_t mebi : {16, 64, 256}) {
      const Bytes payload = mebibytes(mebi);
      all_to_all.points.push_back({payload, beta_s_per_byte * static_cast<double>(payload.count), 0.01});
    }
    return all_to_all;
  };
  EXPECT_TRUE(leaving_share_fits(curve(32, 0.75e-10), curve(64, 0.875e-10)));
  EXPECT_FALSE(leaving_share_fits(curve(32, 1e-10), curve(64, 1e-10)));
}

}  // namespace
}  // namespace hockney::predict
