#include "fit/fit_campaign.hpp"

#include <gtest/gtest.h>

#include "fit/simulated_machine.hpp"
#include "fit/text_matching.hpp"

namespace hockney::fit {
namespace {

const SimulatedMachine small{.launch_effect = 0.01, .samples = 20, .payloads = SimulatedMachine::octaves(10, 26)};

TEST(FitCampaign, FiveLaunchesGiveParametersPerLaunch) {
  const auto fit = fit_campaign(small.run_several(5, 1));
  ASSERT_EQ(fit.model.curves.size(), 1U);
  const cost::CostCurve& curve = fit.model.curves[0];
  EXPECT_EQ(curve.basis, cost::IntervalBasis::launches);
  EXPECT_EQ(curve.launches, 5U);
  ASSERT_EQ(curve.segments.size(), 1U);
  ASSERT_EQ(curve.segments[0].launches.size(), 5U);
  EXPECT_NE(curve.segments[0].launches[0].alpha_s, curve.segments[0].launches[1].alpha_s);
  EXPECT_EQ(curve.validation.held_out, 15U);
  EXPECT_EQ(curve.at(mebibytes(3)).launches_s.size(), 5U);
  EXPECT_EQ(fit.model.name, "simulated machine");
  EXPECT_EQ(fit.model.sources.size(), 5U);
  EXPECT_TRUE(fit.model.created_by.starts_with("hockney ") && fit.model.created_by.ends_with(" fit"));
  EXPECT_TRUE(fit.notes.empty());
}

TEST(FitCampaign, ALaunchThatWasKilledEarlyIsNotedAndKeptOutOfTheIntervals) {
  auto launches = small.run_several(3, 1);
  launches[1].measurements.resize(1);
  const auto fit = fit_campaign(launches);
  EXPECT_EQ(fit.model.curves.at(0).segments[0].launches.size(), 2U);
  EXPECT_EQ(fit.model.curves[0].basis, cost::IntervalBasis::launches);
  EXPECT_TRUE(any_holds_text(fit.notes, "launch-1001.h5 has fewer than two payloads"));
}

TEST(FitCampaign, OneCompleteLaunchOfTwoFallsBackToWithinLaunchAndSaysSo) {
  auto launches = small.run_several(2, 1);
  launches[1].measurements.resize(1);
  const auto fit = fit_campaign(launches);
  EXPECT_EQ(fit.model.curves.at(0).basis, cost::IntervalBasis::within_launch);
  EXPECT_TRUE(fit.model.curves[0].segments[0].launches.empty());
  EXPECT_TRUE(any_holds_text(fit.notes, "within-launch only"));
}

TEST(FitCampaign, SimulatedSaysSoInTheModel) {
  SimulatedMachine machine = small;
  machine.flags.set(Flag::simulated);
  const auto fit = fit_campaign(machine.run_several(1, 1));
  EXPECT_TRUE(holds_text(fit.model.sources.at(0), "SIMULATED"));
  EXPECT_TRUE(fit.model.curves.at(0).flags.has(Flag::simulated));
  EXPECT_TRUE(holds_text(fit.model.json(), "SIMULATED"));
}

}  // namespace
}  // namespace hockney::fit
