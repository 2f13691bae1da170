#include "plan/replay.hpp"

#include <gtest/gtest.h>

#include "plan/synthetic_step.hpp"

namespace hockney::inline plan {
namespace {

using synthetic::step_in;

Case small_step() { return synthetic::step_point(synthetic::tiny_model(4, 128, 4, 32, 256), 2, 2, 1, 2); }

TEST(WhyNotReplayed, NothingSpeaksAgainstEqualStages) { EXPECT_EQ(why_not_replayed(small_step()), std::nullopt); }

TEST(WhyNotReplayed, UnequalStages) {
  Case point = small_step();
  step_in(point).model.layers = 5;
  EXPECT_EQ(why_not_replayed(point), "5 layers on 2 stages: only equal stages are replayed");
}

TEST(WhyNotReplayed, OneRankAndWhatTheModelCannotRun) {
  Case point = small_step();
  step_in(point).mapping.tensor = step_in(point).mapping.pipeline = 1;
  EXPECT_EQ(why_not_replayed(point), "a step on one rank communicates nothing");
  point = small_step();
  step_in(point).mapping.tensor = 3;
  EXPECT_NE(why_not_replayed(point), std::nullopt) << "4 heads";
}

}  // namespace
}  // namespace hockney::inline plan
