#include "views/comparison_view.hpp"

#include <gtest/gtest.h>

#include "fit/simulated_machine.hpp"
#include "fit/text_matching.hpp"

namespace hockney::views {
namespace {

using fit::holds_text;

std::vector<Launch> launches(double slowdown, std::size_t count, std::uint64_t seed) {
  fit::SimulatedMachine machine{.samples = 20, .payloads = fit::SimulatedMachine::octaves(18, 20)};
  machine.law = [slowdown](double m) { return slowdown * (4e-6 + m / 180e9); };
  machine.launch_effect = 0.002;
  machine.flags.set(Flag::simulated);
  std::vector<Launch> all = machine.run_several(count, seed);
  for (Launch& launch : all) {
    launch.info.machine = "dgx-a100";
    for (Measurement& visit : launch.measurements) {
      visit.point.fabric = Fabric::nvswitch;
      visit.point.group = {.ranks = 8, .ranks_per_node = 8};
    }
  }
  return all;
}

compare::Comparison comparison(double slowdown, std::size_t launches_of_b = 5) {
  return compare_systems(compare::side_of("before", launches(1, 5, 1)),
                         compare::side_of("after", launches(slowdown, launches_of_b, 2)), 0.02);
}

platform::Platform dgx() {
  platform::Platform platform;
  platform.title = "a DGX";
  platform.gpus_per_node = 8;
  platform.inner_fabric = Fabric::nvswitch;
  platform.inner_rate = {300e9};
  return platform;
}

TEST(ComparisonView, SaysWhoIsFasterWhatIsSimulatedAndHowManyLaunches) {
  const std::string text = to_text(comparison_view(comparison(1.2), {}));
  EXPECT_TRUE(holds_text(text, "verdicts  3 A faster"));
  EXPECT_TRUE(holds_text(text, "A is SIMULATED"));
  EXPECT_TRUE(holds_text(text, "A 5 launches, B 5 launches"));
  EXPECT_TRUE(holds_text(text, "(Holm)"));
  EXPECT_EQ(text.find("of line"), std::string::npos);
}

TEST(ComparisonView, OneLaunchIsWarnedOfAndHasNoInterval) {
  const render::View view = comparison_view(comparison(1.2, 1), {});
  const std::string text = to_text(view);
  EXPECT_TRUE(holds_text(text, "NO SPREAD: 3 of 3 points"));
  EXPECT_TRUE(holds_text(text, "3 no spread"));
  EXPECT_EQ(text.find("(Holm)"), std::string::npos);
  EXPECT_TRUE(holds_text(to_json(view), "\"ratio_lo\": null"));
}

TEST(ComparisonView, AShareOfTheLineNeedsAPlatform) {
  const std::string text = to_text(comparison_view(comparison(1.2), {dgx(), std::nullopt}));
  EXPECT_TRUE(holds_text(text, "A of line (%)"));
  EXPECT_TRUE(holds_text(text, "line rates of a DGX"));
  EXPECT_EQ(text.find("B of line"), std::string::npos);
}

TEST(ComparisonView, RegressionsShowNothingElse) {
  EXPECT_TRUE(holds_text(to_text(regressions_view(comparison(1.2), {})), "3 of 3 points"));
  const std::string none = to_text(regressions_view(comparison(0.8), {}));
  EXPECT_TRUE(holds_text(none, "0 of 3 points"));
  EXPECT_EQ(none.find("B faster"), std::string::npos);
}

}  // namespace
}  // namespace hockney::views
