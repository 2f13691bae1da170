#include "predict/step/run_way.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/shipped.hpp"
#include "predict/step/small_step.hpp"

namespace hockney::predict {
namespace {

TEST(RunWay, ShardingIsReadByTheWordsOfTables) {
  EXPECT_EQ(parse_sharding("fsdp"), Sharding::full);
  EXPECT_EQ(parse_sharding("fsdp SHARD_GRAD_OP"), Sharding::gradients);
  EXPECT_EQ(parse_sharding("zero-1"), Sharding::optimizer);
  EXPECT_THROW(parse_sharding("zero-4"), InputError);
}

TEST(RunWay, TheLongestMarkTellsTheStack) {
  Stack any;
  any.marks = {"program"};
  Stack special;
  special.marks = {"program 2"};
  const std::vector<Stack> stacks{any, special};
  EXPECT_EQ(stack_of(stacks, "a program 2 run"), &stacks[1]);
  EXPECT_EQ(stack_of(stacks, "a program run"), &stacks[0]);
  EXPECT_EQ(stack_of(stacks, "another"), nullptr);
}

TEST(RunWay, ShippedStacksAreRead) {
  const std::vector<Stack> stacks = read_stacks(shipped_folder() / "stacks");
  ASSERT_NE(stack_of(stacks, "MLPerf Training v3.1"), nullptr);
  EXPECT_TRUE(stack_of(stacks, "MLPerf Training v3.1")->overlap_forward);
}

double seconds(const RunWay& way, std::uint64_t data, std::uint64_t tensor = 1) {
  synthetic::SmallStep small;
  Mapping mapping;
  mapping.data = data;
  mapping.tensor = tensor;
  mapping.global_batch = 64;
  return StepModel(small.step.gpu(), small.constants, 0.9, way).predict(small.model, mapping, small.network).total_s;
}

TEST(RunWay, NarrowOperandsAreFasterButNotTwice) {
  EXPECT_LT(seconds({.precision = Precision::fp8}, 1), seconds({}, 1));
  EXPECT_GT(seconds({.precision = Precision::fp8}, 1), seconds({}, 1) / 2);
  EXPECT_THROW(seconds({.precision = Precision::nvfp4}, 1), InputError) << "this GPU has no such units";
}

TEST(RunWay, FewerKernelsAndOverlapTakeLessTime) {
  EXPECT_LT(seconds({.fused_layers = true}, 1), seconds({}, 1));
  EXPECT_LT(seconds({.cuda_graphs = true}, 1), seconds({}, 1));
  EXPECT_LT(seconds({.overlap_forward = true}, 1, 8), seconds({}, 1, 8));
}

TEST(RunWay, ShardedParametersAreGatheredForEveryPass) {
  const double whole = seconds({.sharding = Sharding::full}, 8);
  EXPECT_GT(whole, seconds({.sharding = Sharding::gradients}, 8));
  EXPECT_EQ(seconds({.sharding = Sharding::full}, 1), seconds({}, 1)) << "one rank shares with nobody";
}

}  // namespace
}  // namespace hockney::predict
