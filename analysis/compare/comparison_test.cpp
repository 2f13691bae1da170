#include "compare/comparison.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "fit/fit_campaign.hpp"
#include "fit/simulated_machine.hpp"
#include "fit/text_matching.hpp"

namespace hockney::compare {
namespace {

using fit::SimulatedMachine;

constexpr double margin = 0.02;

SimulatedMachine machine(double slowdown = 1, double launch_effect = 0.002) {
  SimulatedMachine simulated;
  simulated.law = [slowdown](double m) { return slowdown * (4e-6 + m / 180e9); };
  simulated.launch_effect = launch_effect;
  simulated.samples = 20;
  simulated.payloads = SimulatedMachine::octaves(10, 20);
  return simulated;
}

// Launches as hockney-bench would have run them with other factors.
template <class Change>
std::vector<Launch> changed(std::vector<Launch> launches, Change change) {
  for (Launch& launch : launches) {
    change(launch);
  }
  return launches;
}

template <class Change>
std::vector<Launch> with_points(std::vector<Launch> launches, Change change) {
  return changed(std::move(launches), [&](Launch& launch) {
    for (Measurement& visit : launch.measurements) {
      change(visit.point);
    }
  });
}

std::vector<Launch> on_nccl(std::vector<Launch> launches, const std::string& version) {
  return changed(std::move(launches), [&](Launch& launch) { launch.provenance["version.nccl"] = version; });
}

std::vector<Launch> joined(std::vector<Launch> one, const std::vector<Launch>& other) {
  one.insert(one.end(), other.begin(), other.end());
  return one;
}

Comparison compared(const std::vector<Launch>& a, const std::vector<Launch>& b) {
  return compare_systems(side_of("a", a), side_of("b", b), margin);
}

TEST(Comparison, ASlowerSystemIsFoundAndItsRatioIsThatOfTheLaws) {
  const Comparison comparison = compared(machine().run_several(5, 1), machine(1.1).run_several(5, 2));
  ASSERT_EQ(comparison.curves.size(), 1U);
  ASSERT_EQ(comparison.curves[0].points.size(), 11U);
  EXPECT_EQ(count(comparison, Verdict::a_faster), 11U);
  for (const PointComparison& point : comparison.curves[0].points) {
    EXPECT_NEAR(point.ratio.value, 1.1, 0.01);
    EXPECT_NEAR(point.b_s / point.a_s, point.ratio.value, 1e-9);
    EXPECT_EQ(point.launches_a, 5U);
  }
  EXPECT_EQ(count(compared(machine(1.1).run_several(5, 2), machine().run_several(5, 1)), Verdict::b_faster), 11U);
}

TEST(Comparison, EqualSystemsAreEquivalentWithEnoughLaunches) {
  const Comparison comparison = compared(machine().run_several(8, 1), machine().run_several(8, 2));
  EXPECT_EQ(count(comparison, Verdict::equivalent), 11U);
}

TEST(Comparison, ADifferenceBelowTheMarginIsNoneThatCounts) {
  const Comparison comparison = compared(machine(1, 0.0002).run_several(8, 1), machine(1.01, 0.0002).run_several(8, 2));
  EXPECT_EQ(count(comparison, Verdict::equivalent), 11U);
  EXPECT_LT(comparison.curves[0].points[5].p_if_equal, 0.05);
}

TEST(Comparison, NoisySystemsAreInconclusive) {
  const Comparison comparison = compared(machine(1, 0.1).run_several(3, 1), machine(1, 0.1).run_several(3, 2));
  EXPECT_EQ(count(comparison, Verdict::inconclusive), 11U);
}

TEST(Comparison, OneLaunchGivesRatiosAndNoVerdict) {
  const Comparison comparison = compared(machine().run_several(5, 1), machine(1.5).run_several(1, 2));
  EXPECT_EQ(count(comparison, Verdict::no_spread), 11U);
  EXPECT_FALSE(has_verdicts(comparison));
  EXPECT_FALSE(comparison.curves[0].points[0].ratio.interval);
  EXPECT_NEAR(comparison.curves[0].points[0].ratio.value, 1.5, 0.03);
}

TEST(Comparison, ACostModelGivesRatiosAndNoVerdict) {
  const std::vector<Launch> launches = machine().run_several(3, 1);
  const Comparison comparison = compare_systems(side_of("model", fit::fit_campaign(launches).model),
                                                side_of("b", machine(1.5).run_several(3, 2)), margin);
  EXPECT_EQ(count(comparison, Verdict::no_spread), 11U);
  EXPECT_NEAR(comparison.curves[0].points[0].ratio.value, 1.5, 0.03);
}

TEST(Comparison, SegmentsOverTheSamePayloadsAreDivided) {
  const Comparison comparison = compared(machine().run_several(5, 1), machine(1.1).run_several(5, 2));
  ASSERT_EQ(comparison.curves[0].segments.size(), 1U);
  const SegmentComparison& segment = comparison.curves[0].segments[0];
  ASSERT_TRUE(segment.alpha && segment.alpha->interval && segment.beta && segment.beta->interval);
  EXPECT_NEAR(segment.alpha->value, 1.1, 0.02);
  EXPECT_NEAR(segment.beta->value, 1.1, 0.05);
  EXPECT_LT(segment.alpha->interval->low, segment.alpha->value);
}

TEST(Comparison, SegmentsThatBarelyMeetAreNot) {
  const auto switching_at = [](double payload) {
    SimulatedMachine switching = machine();
    switching.payloads = SimulatedMachine::octaves(10, 24);
    switching.law = [payload](double m) { return m < payload ? 4e-6 + m / 5e9 : 40e-6 + m / 180e9; };
    return switching;
  };
  // A switches between 256 and 512 KiB, B between 1 and 2 MiB: 512 KiB and 1 MiB alone are in A's second and B's first.
  const Comparison comparison = compared(switching_at(400e3).run_several(3, 1), switching_at(1.5e6).run_several(3, 2));
  ASSERT_EQ(comparison.curves.size(), 1U);
  const std::vector<SegmentComparison>& segments = comparison.curves[0].segments;
  ASSERT_EQ(segments.size(), 2U);
  EXPECT_EQ(segments[0].to, kibibytes(256));
  EXPECT_EQ(segments[1].from, mebibytes(2));
}

TEST(Comparison, OnePayloadIsEnough) {
  SimulatedMachine one = machine();
  one.payloads = {mebibytes(1)};
  const Comparison comparison = compared(one.run_several(4, 1), one.run_several(4, 2));
  ASSERT_EQ(comparison.curves.size(), 1U);
  EXPECT_TRUE(comparison.curves[0].segments.empty());
  EXPECT_TRUE(has_verdicts(comparison));
}

TEST(Comparison, SaysWhatEitherSideHasAlone) {
  SimulatedMachine shorter = machine();
  shorter.payloads = SimulatedMachine::octaves(10, 15);
  const std::vector<Launch> gather = with_points(machine().run_several(2, 3), [](Case& point) {
    const Bytes payload = point.payload;
    point.become(Operation::all_gather);
    point.payload = payload;
  });
  const Comparison comparison =
      compared(joined(machine().run_several(2, 1), changed(gather, [](Launch& l) { l.info.run_uuid += "-g"; })),
               shorter.run_several(2, 2));
  EXPECT_EQ(comparison.curves.size(), 1U);
  EXPECT_TRUE(fit::any_holds_text(comparison.notes, "A left out: 5 of 11 payloads"));
  EXPECT_TRUE(fit::any_holds_text(comparison.notes, "A left out: all_gather"));
}

TEST(Comparison, SoftwareThatBothHaveIsCompared) {
  const Comparison comparison =
      compared(joined(on_nccl(machine().run_several(2, 1), "2.19"), on_nccl(machine(2).run_several(2, 2), "2.27")),
               on_nccl(machine().run_several(2, 3), "2.19"));
  ASSERT_EQ(comparison.curves.size(), 1U);
  EXPECT_EQ(comparison.curves[0].a.curve.shape.software, "nccl:2.19");
  EXPECT_TRUE(fit::any_holds_text(comparison.notes, "on nccl:2.27"));
}

TEST(Comparison, WithoutCommonSoftwareTheLatestOfEachIs) {
  const Comparison comparison =
      compared(joined(on_nccl(machine().run_several(2, 1), "2.9"), on_nccl(machine().run_several(2, 2), "2.27")),
               on_nccl(machine().run_several(2, 3), "2.30"));
  ASSERT_EQ(comparison.curves.size(), 1U);
  EXPECT_EQ(comparison.curves[0].a.curve.shape.software, "nccl:2.27");
  EXPECT_EQ(comparison.curves[0].b.curve.shape.software, "nccl:2.30");
}

TEST(Comparison, FabricsBetweenNodesStandForEachOther) {
  const auto over = [](Fabric fabric) {
    return [fabric](Case& point) {
      point.fabric = fabric;
      point.group = {.ranks = 16, .ranks_per_node = 8};
    };
  };
  const Comparison comparison = compared(with_points(machine().run_several(2, 1), over(Fabric::infiniband)),
                                         with_points(machine().run_several(2, 2), over(Fabric::efa)));
  ASSERT_EQ(comparison.curves.size(), 1U);
  EXPECT_EQ(comparison.curves[0].b.curve.shape.fabric, Fabric::efa);
}

TEST(Comparison, TimesThatAreAnotherStatisticAreNotCompared) {
  const std::vector<Launch> means = changed(machine().run_several(2, 2), [](Launch& launch) {
    for (Measurement& visit : launch.measurements) {
      visit.statistic = Statistic::mean_over_ranks;
    }
  });
  EXPECT_TRUE(compared(machine().run_several(2, 1), means).curves.empty());
}

auto at(Fabric fabric, std::uint32_t ranks) {
  return [=](Case& point) {
    point.fabric = fabric;
    point.group = {.ranks = ranks, .ranks_per_node = 8};
  };
}

// Launches that hold the measurements of others of their own name too.
std::vector<Launch> beside(std::vector<Launch> launches, const std::vector<Launch>& others) {
  for (std::size_t i = 0; i < launches.size(); ++i) {
    launches[i].measurements.insert(launches[i].measurements.end(), others[i].measurements.begin(),
                                    others[i].measurements.end());
  }
  return launches;
}

// The same launch is fast or slow on both fabrics: noise of 10 % between launches cancels.
std::vector<Launch> on_two_fabrics() {
  SimulatedMachine slower = machine(2, 0.1);
  slower.sample_noise = 0.02;
  return beside(with_points(machine(1, 0.1).run_several(4, 1), at(Fabric::nvlink, 8)),
                with_points(slower.run_several(4, 1), at(Fabric::infiniband, 16)));
}

void lose(Launch& launch, Fabric fabric) {
  std::erase_if(launch.measurements, [&](const Measurement& visit) { return visit.point.fabric == fabric; });
}

TEST(Comparison, FabricsOfOneSystemArePairedByTheirLaunches) {
  const Comparison comparison = compare_fabrics(side_of("c", on_two_fabrics()), margin);
  ASSERT_EQ(comparison.curves.size(), 1U);
  EXPECT_EQ(comparison.curves[0].a.curve.shape.fabric, Fabric::nvlink);
  EXPECT_EQ(count(comparison, Verdict::a_faster), 11U);
  EXPECT_NEAR(comparison.curves[0].points[0].ratio.interval->low, 2, 0.05);
}

TEST(Comparison, ParametersOfFabricsArePairedByTheLaunchesThatMeasuredBoth) {
  std::vector<Launch> launches = on_two_fabrics();
  lose(launches[3], Fabric::nvlink);
  lose(launches[0], Fabric::infiniband);
  const Comparison comparison = compare_fabrics(side_of("c", launches), margin);
  ASSERT_EQ(comparison.curves.at(0).segments.size(), 1U);
  const std::optional<Ratio>& beta = comparison.curves[0].segments[0].beta;
  ASSERT_TRUE(beta && beta->interval);
  EXPECT_NEAR(beta->interval->low, 2, 0.1);
  EXPECT_NEAR(beta->interval->high, 2, 0.1);
}

TEST(Comparison, FabricsWithoutACommonLaunchHaveNoSpread) {
  std::vector<Launch> launches = on_two_fabrics();
  for (std::size_t i = 0; i < launches.size(); ++i) {
    lose(launches[i], i < 2 ? Fabric::nvlink : Fabric::infiniband);
  }
  const Comparison comparison = compare_fabrics(side_of("c", launches), margin);
  EXPECT_EQ(count(comparison, Verdict::no_spread), 11U);
  EXPECT_FALSE(comparison.curves.at(0).segments.at(0).beta->interval);
}

TEST(Comparison, TheFastestFabricInsideANodeIsComparedAndTheOthersAreNamed) {
  const std::vector<Launch> launches =
      beside(on_two_fabrics(), with_points(machine(3).run_several(4, 1), at(Fabric::host_memory, 8)));
  const Comparison comparison = compare_fabrics(side_of("c", launches), margin);
  ASSERT_EQ(comparison.curves.size(), 1U);
  EXPECT_EQ(comparison.curves[0].a.curve.shape.fabric, Fabric::nvlink);
  EXPECT_TRUE(fit::any_holds_text(comparison.notes, "A left out: all_reduce/mpi/host_memory/"));
}

// Times that are the same in every sample and launch, by a clock of such a step.
std::vector<Launch> by_clock(double slowdown, double step_s, std::uint64_t seed) {
  SimulatedMachine exact = machine(slowdown, 0);
  exact.sample_noise = 0;
  exact.payloads = {kibibytes(1)};
  return changed(exact.run_several(2, seed),
                 [step_s](Launch& launch) { launch.measurements.front().clock_step_s = step_s; });
}

TEST(Comparison, LaunchesThatAgreeToAClocksStepAreNoProof) {
  const auto verdict = [](double slowdown, double step_s) {
    return compared(by_clock(1, step_s, 1), by_clock(slowdown, step_s, 2)).curves.at(0).points.at(0).verdict;
  };
  EXPECT_EQ(verdict(1.05, 0.2e-6), Verdict::inconclusive);  // one step apart
  EXPECT_EQ(verdict(1, 0.2e-6), Verdict::inconclusive);
  EXPECT_EQ(verdict(1.05, 1e-9), Verdict::a_faster);
  EXPECT_EQ(verdict(1, 1e-9), Verdict::equivalent);
  EXPECT_EQ(verdict(1.05, 0), Verdict::no_spread) << "a clock of which nothing is known";
}

TEST(Comparison, RegressionsAreThePointsThatBecameSlower) {
  SimulatedMachine broken = machine();
  broken.law = [](double m) { return (m > 1e5 ? 1.2 : 1.0) * (4e-6 + m / 180e9); };
  const Comparison comparison = compared(machine().run_several(5, 1), broken.run_several(5, 2));
  const Comparison slower = regressions(comparison);
  ASSERT_EQ(slower.curves.size(), 1U);
  EXPECT_EQ(slower.curves[0].points.front().payload, kibibytes(128));
  EXPECT_EQ(slower.curves[0].points.size(), 4U);
  EXPECT_TRUE(regressions(compared(machine().run_several(5, 1), machine().run_several(5, 2))).curves.empty());
}

TEST(Comparison, RefusesALaunchOnBothSidesAndSeveralMachines) {
  EXPECT_THROW(compared(machine().run_several(2, 1), machine().run_several(2, 1)), InputError);
  const auto elsewhere = [](Launch& launch) { launch.info.machine = "elsewhere"; };
  EXPECT_THROW(side_of("a", joined(machine().run_several(2, 1), changed(machine().run_several(2, 2), elsewhere))),
               InputError);
}

}  // namespace
}  // namespace hockney::compare
