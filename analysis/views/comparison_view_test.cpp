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

// The same launches over NVSwitch and InfiniBand, `common` of them on both.
compare::Comparison fabrics(std::size_t common) {
  std::vector<Launch> both = launches(1, 4, 1);
  for (std::size_t i = 0; i < both.size(); ++i) {
    for (Measurement visit : std::vector<Measurement>(both[i].measurements)) {
      visit.point.fabric = Fabric::infiniband;
      visit.point.group.ranks = 16;
      visit.elapsed.resize(visit.elapsed.size() / 2);
      both[i].measurements.push_back(std::move(visit));
    }
    const Fabric lost = i % 2 == 0 ? Fabric::nvswitch : Fabric::infiniband;
    std::erase_if(both[i].measurements,
                  [&](const Measurement& visit) { return i >= common && visit.point.fabric == lost; });
  }
  return compare_fabrics(compare::side_of("c", both), 0.02);
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

TEST(ComparisonView, FabricsAreComparedByLaunchesThatMeasuredBoth) {
  const std::string text = to_text(comparison_view(fabrics(3), {}));
  EXPECT_TRUE(holds_text(text, "Student's t of launches in pairs"));
  EXPECT_EQ(text.find("Welch"), std::string::npos);
  EXPECT_TRUE(holds_text(to_text(comparison_view(fabrics(1), {})),
                         "NO SPREAD: 3 of 3 points have fewer than two launches that measured both fabrics"));
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
