#include "views/fitted_curves.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <limits>
#include <sstream>

#include "fit/simulated_machine.hpp"
#include "fit/text_matching.hpp"
#include "views/interval_text.hpp"

namespace hockney::views {
namespace {

std::string text_of(const fit::CampaignFit& fit) { return render::to_text(fitted_curves(fit)); }

const fit::SimulatedMachine small{
    .launch_effect = 0.01, .samples = 20, .payloads = fit::SimulatedMachine::octaves(10, 26)};

TEST(FittedCurves, SimulatedSaysSo) {
  fit::SimulatedMachine machine = small;
  machine.flags.set(Flag::simulated);
  EXPECT_TRUE(fit::holds_text(text_of(fit::fit_campaign(machine.run_several(1, 1))),
                              "SIMULATED: answered by the scripted transport"));
  EXPECT_FALSE(fit::holds_text(text_of(fit::fit_campaign(small.run_several(1, 1))), "SIMULATED"));
}

TEST(FittedCurves, PointsWithoutANetworkSaySo) {
  fit::SimulatedMachine machine = small;
  machine.flags.set(Flag::emulated);
  machine.flags.set(Flag::shared_gpu);
  const std::string text =
      text_of(fit::fit_campaign(machine.run_several(1, 1), {.admitted = cost::no_network_constant}));
  EXPECT_TRUE(fit::holds_text(text, "EMULATED: made by a test double"));
  EXPECT_TRUE(fit::holds_text(text, "SHARED GPU: several ranks on one GPU"));
  EXPECT_TRUE(fit::holds_text(text, "flags: shared_gpu,emulated"));
}

TEST(FittedCurves, OneLaunchSaysWhatItsIntervalsMiss) {
  const std::string text = text_of(fit::fit_campaign(small.run_several(1, 1), {.name = "lab"}));
  EXPECT_TRUE(fit::holds_text(text, "cost model lab: 1 curve from 1 launch\n"));
  EXPECT_TRUE(fit::holds_text(text, "within-launch only (1 launch): launch-to-launch variation is not in it"));
  EXPECT_TRUE(fit::holds_text(text, "all_reduce over host_memory, 2 ranks (2 per node), mode host, on test\n"));
  EXPECT_TRUE(fit::holds_text(text, "leave-one-size-out error, median / 95th percentile over 15 sizes:\n  curve "));
}

TEST(FittedCurves, TwoCurvesOfOneNameSayOnWhichSettingsTheyWereMeasured) {
  auto launches = small.run_several(2, 1);
  EXPECT_FALSE(fit::holds_text(text_of(fit::fit_campaign(launches)), "software: "));
  launches[1].provenance["env.NCCL_MAX_CTAS"] = "4";
  const std::string text = text_of(fit::fit_campaign(launches));
  EXPECT_TRUE(fit::holds_text(text, "\nsoftware: none of these\n")) << text;
  EXPECT_TRUE(fit::holds_text(text, "\nsoftware: NCCL_MAX_CTAS:4\n")) << text;
}

TEST(FittedCurves, ImportedDataCarryTheirCitation) {
  fit::SimulatedMachine machine = small;
  machine.samples = 1;
  auto launches = machine.run_several(1, 1);
  launches[0].info.source = "log.txt, https://example.org";
  const std::string text = text_of(fit::fit_campaign(launches));
  EXPECT_TRUE(fit::holds_text(text, "source: log.txt, https://example.org\n"));
  EXPECT_TRUE(fit::holds_text(text, "assumed noise of 3 % per point"));
}

TEST(FittedCurves, AnAlphaThatTheConstraintHoldsHasNoInterval) {
  fit::CampaignFit fit = fit::fit_campaign(small.run_several(1, 1));
  fit.model.curves[0].segments[0].alpha_s = 0;
  fit.model.curves[0].segments[0].alpha_interval_s = {0, 0};
  EXPECT_TRUE(fit::holds_text(text_of(fit), "held at 0"));
}

TEST(FittedCurves, SwitchesStabilityAndLaunchesLeftOutAreShown) {
  fit::CampaignFit fit = fit::fit_campaign(small.run_several(3, 1));
  cost::CostCurve& curve = fit.model.curves.at(0);
  EXPECT_TRUE(fit::holds_text(text_of(fit), "1 segment in 1"));
  EXPECT_TRUE(fit::holds_text(text_of(fit), "leave-one-launch-out error "));
  EXPECT_FALSE(fit::holds_text(text_of(fit), "switches"));
  curve.segments.push_back(curve.segments[0]);
  curve.borders = {{kibibytes(64), kibibytes(128), false, false, kibibytes(32), kibibytes(128)}};
  EXPECT_TRUE(fit::holds_text(text_of(fit), "switches: 64 KiB .. 128 KiB (resampled: 32 KiB .. 128 KiB)\n"));
  curve.borders[0].forced = curve.borders[0].exact = true;
  EXPECT_TRUE(fit::holds_text(text_of(fit), "switches: exactly at 128 KiB\n"));
}

TEST(FittedCurves, NoLineOfATableIsWiderThanAScreen) {
  const std::string text = text_of(fit::fit_campaign(small.run_several(3, 1)));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 120U) << line;
  }
}

TEST(FittedCurves, NotesEndTheScreen) {
  auto launches = small.run_several(1, 1);
  launches[0].measurements[3].flags.set(Flag::wrong_result);
  EXPECT_TRUE(fit::holds_text(text_of(fit::fit_campaign(launches)), "\nnotes:\n  all_reduce/"));
}

TEST(FittedCurves, NoDigitThatTheIntervalDoesNotAllow) {
  const auto texts = [](double value, Interval interval) {
    const IntervalText printed = interval_text(value, interval);
    return printed.value + " [" + printed.interval + "]";
  };
  EXPECT_EQ(texts(4.01234, {3.95, 4.07}), "4.01 [3.95 .. 4.07]");
  EXPECT_EQ(texts(4.01234, {3.4, 4.6}), "4.0 [3.4 .. 4.6]");
  EXPECT_EQ(texts(180.26, {178.1, 182.4}), "180.3 [178.1 .. 182.4]");
  EXPECT_EQ(texts(18026, {17810, 18240}), "18030 [17810 .. 18240]");
  EXPECT_EQ(texts(180.26, {172.1, 188.4}), "180 [172 .. 188]");
  EXPECT_EQ(texts(4, {0, 400}), "4 [0 .. 400]");
  EXPECT_EQ(texts(4.5, {4.5, 4.5}), "4.500 [4.500 .. 4.500]");
  EXPECT_EQ(texts(0, {0, 0.12}), "0.00 [0.00 .. 0.12]");
  const double unbounded = std::numeric_limits<double>::infinity();
  EXPECT_EQ(texts(180.26, {90, unbounded}), "200 [100 .. unbounded]");
  EXPECT_EQ(texts(unbounded, {90.4, unbounded}), "unbounded [90 .. unbounded]");
}

TEST(FittedCurves, ABetaOfZeroHasNoRate) {
  cost::AlphaBeta segment;
  EXPECT_EQ(rate_text(segment).value, "-");
  EXPECT_EQ(rate_text(segment).interval, "beta held at 0");
  segment.beta_interval_s_per_byte = {0, 1e-11};
  EXPECT_EQ(rate_text(segment).interval, "above 100");
}

TEST(FittedCurves, CsvHasSegmentsCurvesAndSwitchesUnrounded) {
  const fit::CampaignFit fit = fit::fit_campaign(small.run_several(3, 1));
  const cost::AlphaBeta& segment = fit.model.curves.at(0).segments.at(0);
  const render::View view = fitted_curves(fit);
  EXPECT_TRUE(render::to_csv(view).starts_with("curve,machine,from_bytes,to_bytes,alpha_s,alpha_lo_s,"));
  EXPECT_TRUE(fit::holds_text(render::to_csv(view), fmt::format(",{},", segment.alpha_s)));
  EXPECT_TRUE(fit::holds_text(render::to_csv(view, "curves"), ",launches,3,1,false,"));
  EXPECT_EQ(render::to_csv(view, "switches"),
            "curve,machine,after_bytes,before_bytes,labels_differ,exact,earliest_bytes,latest_bytes\n");
}

}  // namespace
}  // namespace hockney::views
