#include "plan/replay.hpp"

#include <gtest/gtest.h>

namespace hockney::inline plan {
namespace {

Case small_step() {
  Case point;
  point.operation = Operation::step_replay;
  point.micro_batches = 2;
  point.group.ranks = 4;
  point.group.ranks_per_node = 4;
  ReplayedStep& step = point.step;
  step.model = "small";
  step.layers = 4;
  step.hidden = 128;
  step.heads = step.key_value_heads = 4;
  step.feed_forward = 512;
  step.sequence = 32;
  step.vocabulary = 256;
  step.tensor = step.pipeline = 2;
  step.data = step.micro_batch = 1;
  step.gradient_bytes = 4;
  return point;
}

TEST(WhyNotReplayed, NothingSpeaksAgainstEqualStages) { EXPECT_EQ(why_not_replayed(small_step()), std::nullopt); }

TEST(WhyNotReplayed, UnequalStages) {
  Case point = small_step();
  point.step.layers = 5;
  EXPECT_EQ(why_not_replayed(point), "5 layers on 2 stages: only equal stages are replayed");
}

TEST(WhyNotReplayed, OneRankAndWhatTheModelCannotRun) {
  Case point = small_step();
  point.step.tensor = point.step.pipeline = 1;
  EXPECT_EQ(why_not_replayed(point), "a step on one rank communicates nothing");
  point = small_step();
  point.step.tensor = 3;
  EXPECT_NE(why_not_replayed(point), std::nullopt) << "4 heads";
}

}  // namespace
}  // namespace hockney::inline plan
