#include "predict/network/line_rate.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace hockney::predict {
namespace {

constexpr LineRate rate{BytesPerSecond{25e9}, Seconds{5e-6}};
constexpr double m = 1048576;

PlacedGroup placed(std::uint32_t ranks, std::uint32_t ranks_per_node, std::uint32_t nodes) {
  PlacedGroup group;
  group.group.ranks = ranks;
  group.group.ranks_per_node = ranks_per_node;
  group.nodes = nodes;
  return group;
}

TEST(LineRate, OneMessage) {
  const cost::Estimate estimate = rate.at(Operation::pipeline_forward_backward, placed(2, 1, 2), mebibytes(1));
  EXPECT_DOUBLE_EQ(estimate.value_s, 5e-6 + m / 25e9);
  EXPECT_EQ(estimate.low_s, estimate.value_s);
  EXPECT_EQ(estimate.high_s, estimate.value_s);
  EXPECT_EQ(estimate.basis, cost::IntervalBasis::line_rate);
  EXPECT_EQ(estimate.curve, "line rate 25 GB/s, 5 us");
  EXPECT_EQ(estimate.remark, "estimated from line rate, not measured");
}

TEST(LineRate, RingOfOneGpuPerNode) {
  const cost::Estimate estimate = rate.at(Operation::all_reduce, placed(4, 1, 4), mebibytes(1));
  EXPECT_DOUBLE_EQ(estimate.value_s, 6 * 5e-6 + 1.5 * m / 25e9);
}

TEST(LineRate, GpusOfANodeBringTheirLines) {
  const cost::Estimate all_reduce = rate.at(Operation::all_reduce, placed(16, 8, 2), mebibytes(1));
  EXPECT_DOUBLE_EQ(all_reduce.value_s, 2 * 5e-6 + 2 * 15.0 / 16 * m / (8 * 25e9));
  const cost::Estimate all_gather = rate.at(Operation::all_gather, placed(16, 8, 2), mebibytes(1));
  EXPECT_DOUBLE_EQ(all_gather.value_s, 5e-6 + 15.0 / 16 * m / (8 * 25e9));
}

TEST(LineRate, AllToAllSendsWhatLeavesTheNodeThroughOneLinePerGpu) {
  const cost::Estimate estimate = rate.at(Operation::all_to_all, placed(16, 8, 2), mebibytes(1));
  EXPECT_DOUBLE_EQ(estimate.value_s, 5e-6 + 8.0 / 16 * m / 25e9);
  const cost::Estimate spread = rate.at(Operation::all_to_all, placed(16, 1, 16), mebibytes(1));
  EXPECT_DOUBLE_EQ(spread.value_s, 15 * 5e-6 + 15.0 / 16 * m / 25e9);
}

TEST(LineRate, SaysNothingInsideANode) {
  EXPECT_THROW(rate.at(Operation::all_reduce, placed(8, 8, 1), mebibytes(1)), Failure);
}

}  // namespace
}  // namespace hockney::predict
