#include "announcement.hpp"

#include <gtest/gtest.h>

namespace hockney::bench {
namespace {

LaidOutPlan tiny() {
  LaidOutPlan tiny;
  tiny.plan.name = "tiny";
  tiny.plan.sampling.passes = 3;
  tiny.layout.cases.resize(2);
  return tiny;
}

TEST(Announcement, SaysWhatIsMeasuredAndWhereSamplesGo) {
  const LaidOutPlan plan = tiny();
  EXPECT_EQ(to_text({.plan = plan, .ranks = 4, .seed = 7, .folder = "out"}),
            "plan 'tiny': 2 points x 3 passes on 4 ranks, seed 7; samples go to out\n");
}

TEST(Announcement, SaysThatNothingIsTransferredBeforeWhatIsResumedAndSkipped) {
  LaidOutPlan plan = tiny();
  plan.layout.skipped.push_back({Case{}, "no such fabric"});
  Flags flags;
  flags.set(Flag::simulated);
  const std::string text = to_text({.plan = plan, .flags = flags, .is_resumed = true, .finished = 2, .remaining = 4});
  const auto simulated = text.find("SIMULATED: ");
  const auto resumed = text.find("resumed: 2 visits are in the file already, 4 are left\n");
  const auto skipped = text.find("skipped: " + Case{}.name() + ": no such fabric\n");
  EXPECT_LT(simulated, resumed);
  EXPECT_LT(resumed, skipped);
  EXPECT_NE(skipped, std::string::npos);
}

TEST(Announcement, WarnsOfCrowdedHostsAfterTheTransport) {
  Flags flags;
  flags.set(Flag::oversubscribed);
  const std::string text = to_warnings({"no NVML"}, flags);
  EXPECT_TRUE(text.starts_with("warning: no NVML\nwarning: more ranks than logical CPUs")) << text;
  EXPECT_EQ(to_warnings({}, {}), "");
}

}  // namespace
}  // namespace hockney::bench
