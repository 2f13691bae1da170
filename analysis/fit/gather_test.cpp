#include "fit/gather.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "fit/simulated_machine.hpp"
#include "fit/text_matching.hpp"

namespace hockney::fit {
namespace {

const SimulatedMachine few{.samples = 20, .payloads = SimulatedMachine::octaves(10, 14)};

std::vector<CurveData> gather(const std::vector<Launch>& launches, std::vector<std::string>& notes,
                              Flags admitted = {}) {
  return gather_curves(launches, admitted, notes);
}

std::string message_of(const std::vector<Launch>& launches) {
  std::vector<std::string> notes;
  try {
    gather(launches, notes);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(Gather, TakesTheMedianOverPassesAndThenOverLaunches) {
  std::vector<Launch> launches;
  for (const double time : {1.0, 4.0, 9.0}) {
    Launch launch = few.run(static_cast<std::uint64_t>(time));
    for (Measurement& visit : launch.measurements) {
      visit.elapsed.assign(20, time);
    }
    launches.push_back(launch);
  }
  std::vector<std::string> notes;
  auto data = gather(launches, notes);
  ASSERT_EQ(data.size(), 1U);
  ASSERT_EQ(data[0].points.size(), 5U);
  EXPECT_NEAR(data[0].points[0].time_s, 4, 1e-12);
  EXPECT_EQ(data[0].basis, cost::IntervalBasis::launches);
  EXPECT_EQ(data[0].launch_times_s[2][4], 9.0);
  launches.pop_back();
  data = gather(launches, notes);
  EXPECT_NEAR(data[0].points[0].time_s, 2, 1e-12) << "two launches: their geometric mean";
  EXPECT_TRUE(notes.empty());
}

TEST(Gather, PoolsThePassesOfALaunch) {
  SimulatedMachine machine = few;
  machine.passes = 2;
  Launch launch = machine.run(1);
  const std::size_t visits = launch.measurements.size();
  for (std::size_t i = 0; i < visits; ++i) {
    launch.measurements[i].elapsed.assign(20, i < visits / 2 ? 1.0 : 2.0);
  }
  std::vector<std::string> notes;
  EXPECT_DOUBLE_EQ(gather({launch}, notes)[0].points[0].time_s, 1.5);
}

TEST(Gather, OneLaunchWeightsByItsOwnInterval) {
  std::vector<std::string> notes;
  SimulatedMachine noisy = few;
  noisy.sample_noise = 0.2;
  const auto quiet_data = gather({few.run(1)}, notes);
  const auto noisy_data = gather({noisy.run(1)}, notes);
  EXPECT_EQ(quiet_data[0].basis, cost::IntervalBasis::within_launch);
  EXPECT_GE(quiet_data[0].points[0].relative_error, 0.01);
  EXPECT_LT(quiet_data[0].points[0].relative_error, 0.02);
  EXPECT_GT(noisy_data[0].points[0].relative_error, 0.03);
}

TEST(Gather, SingleNumbersGetAnAssumedError) {
  SimulatedMachine machine = few;
  machine.samples = 1;
  std::vector<std::string> notes;
  const auto data = gather({machine.run(1)}, notes);
  EXPECT_EQ(data[0].basis, cost::IntervalBasis::assumed_noise);
  EXPECT_EQ(data[0].points[0].relative_error, 0.03);
}

TEST(Gather, ModeratesThePayloadsThatAgreeByChance) {
  std::vector<Launch> launches{few.run(1), few.run(2)};
  for (std::size_t i = 0; i < launches[0].measurements.size(); ++i) {
    launches[0].measurements[i].elapsed.assign(20, 1.0);
    launches[1].measurements[i].elapsed.assign(20, i == 0 ? 1.0 : 2.0);
  }
  std::vector<std::string> notes;
  const auto data = gather(launches, notes);
  EXPECT_GT(data[0].points[0].relative_error, 0.2);
  EXPECT_GT(data[0].points[1].relative_error, data[0].points[0].relative_error);
}

struct BadPoint {
  const char* reason;
  void (*spoil)(Measurement&);
};

class LeftOut : public testing::TestWithParam<BadPoint> {};

TEST_P(LeftOut, IsNotedWithItsReason) {
  Launch launch = few.run(1);
  GetParam().spoil(launch.measurements[2]);
  std::vector<std::string> notes;
  const auto data = gather({launch}, notes);
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_TRUE(holds_text(notes[0], GetParam().reason));
  EXPECT_TRUE(holds_text(notes[0], launch.measurements[2].point.curve_name()));
  ASSERT_EQ(data.size(), 1U);
  EXPECT_EQ(data[0].points.size(), 4U);
  EXPECT_EQ(data[0].flags.bits, 0U);
}

INSTANTIATE_TEST_SUITE_P(
    EveryReason, LeftOut,
    testing::Values(BadPoint{"void_fabric: host_memory requested, tcp observed",
                             [](Measurement& m) {
                               m.flags.set(Flag::void_fabric);
                               m.observed = Fabric::tcp;
                             }},
                    BadPoint{"4 KiB left out, 1 visit: wrong_result",
                             [](Measurement& m) { m.flags.set(Flag::wrong_result); }},
                    BadPoint{"verification failed", [](Measurement& m) { m.verification = Verification::failed; }},
                    BadPoint{"void_pin: algorithm '', protocol '' pinned; 'Tree', 'LL' ran",
                             [](Measurement& m) {
                               m.flags.set(Flag::void_pin);
                               m.observation.algorithm = "Tree";
                               m.observation.protocol = "LL";
                             }},
                    BadPoint{"gate_timeout", [](Measurement& m) { m.flags.set(Flag::gate_timeout); }},
                    BadPoint{"0 B left out, 1 visit: payload 0", [](Measurement& m) { m.point.payload = {0}; }},
                    BadPoint{"no samples", [](Measurement& m) { m.elapsed.clear(); }},
                    BadPoint{"not above 0", [](Measurement& m) { m.elapsed[3] = 0; }}));

TEST(Gather, RefusesEmulatedAndSharedUnlessIncludedAndMarksTheCurve) {
  SimulatedMachine machine = few;
  machine.flags.set(Flag::emulated);
  machine.flags.set(Flag::shared_gpu);
  machine.flags.set(Flag::oversubscribed);
  EXPECT_EQ(message_of({few.run(2), machine.run(1)}),
            "launch-1.h5: holds points flagged shared_gpu,emulated, which say nothing about a network; --include "
            "shared_gpu,emulated fits them all the same");
  std::vector<std::string> notes;
  EXPECT_THROW(gather({machine.run(1)}, notes, {static_cast<std::uint32_t>(Flag::emulated)}), InputError);
  const auto data = gather({machine.run(1)}, notes, cost::no_network_constant);
  ASSERT_EQ(data.size(), 1U);
  EXPECT_EQ(to_string(data[0].flags), "oversubscribed,shared_gpu,emulated");
}

TEST(Gather, RefusesToMixSharedGpusWithOthersEvenWhenIncluded) {
  SimulatedMachine shared = few;
  shared.flags.set(Flag::shared_gpu);
  std::vector<std::string> notes;
  EXPECT_THROW(gather({few.run(1), shared.run(2)}, notes, cost::no_network_constant), InputError);
}

TEST(Gather, OnePayloadIsNotACurve) {
  SimulatedMachine machine = few;
  machine.payloads.resize(1);
  std::vector<std::string> notes;
  EXPECT_TRUE(gather({machine.run(1)}, notes).empty());
  EXPECT_TRUE(any_holds_text(notes, "not fitted: 1 usable payload, two are needed"));
}

TEST(Gather, RefusesToMixSimulatedWithMeasured) {
  SimulatedMachine simulated = few;
  simulated.flags.set(Flag::simulated);
  const std::string message = message_of({few.run(1), simulated.run(2)});
  EXPECT_TRUE(holds_text(message, "'measured' (launch-1.h5)"));
  EXPECT_TRUE(holds_text(message, "'simulated' (launch-2.h5)"));
}

TEST(Gather, RefusesToMixStatistics) {
  Launch other = few.run(2);
  other.info.source = "log.txt";
  for (Measurement& visit : other.measurements) {
    visit.statistic = Statistic::mean_over_ranks;
  }
  EXPECT_TRUE(holds_text(message_of({few.run(1), other}), "'mean_over_ranks' (launch-2.h5, imported from log.txt)"));
}

TEST(Gather, RefusesALaunchGivenTwice) {
  EXPECT_TRUE(holds_text(message_of({few.run(1), few.run(1)}), "launch-1.h5: this launch is given twice"));
}

TEST(Gather, PoolsNoTwoValuesOfAnyFactor) {
  const std::vector<void (*)(Case&)> changes{[](Case& point) { point.own = Reduction::max; },
                                             [](Case& point) { point.mode = Mode::stream; },
                                             [](Case& point) { point.buffers = Buffers::registered; },
                                             [](Case& point) { point.cache = Cache::rotate; },
                                             [](Case& point) { point.algorithm = "ring"; },
                                             [](Case& point) { point.protocol = "ll"; },
                                             [](Case& point) { point.group.stride = 2; },
                                             [](Case& point) { point.group.concurrent = 2; },
                                             [](Case& point) { point.become(Operation::all_to_all_v); },
                                             [](Case& point) {
                                               point.become(Operation::all_to_all_v), point.own = Routing{0.8, {}, {}};
                                             },
                                             [](Case& point) {
                                               point.become(Operation::all_to_all_v), point.own = Routing{0, "m", {}};
                                             }};
  std::vector<Launch> launches{few.run(0)};
  for (const auto change : changes) {
    launches.push_back(few.run(launches.size()));
    for (Measurement& visit : launches.back().measurements) {
      change(visit.point);
    }
  }
  std::vector<std::string> notes;
  EXPECT_EQ(gather(launches, notes).size(), launches.size());
}

TEST(Gather, ForgetsHowManyOperationsOfACollectiveASampleHeld) {
  std::vector<Launch> launches{few.run(1), few.run(2)};
  for (Launch& launch : launches) {
    for (Measurement& visit : launch.measurements) {
      visit.point.mode = Mode::stream;
      visit.point.operations_per_sample = 20;
    }
  }
  launches[0].measurements[0].point.operations_per_sample = 32;
  std::vector<std::string> notes;
  const auto data = gather(launches, notes);
  ASSERT_EQ(data.size(), 1U);
  EXPECT_EQ(data[0].shape.operations_per_sample, 1U);
  for (Launch& launch : launches) {
    for (Measurement& visit : launch.measurements) {
      visit.point.become(Operation::one_way_stream);
      visit.point.operations_per_sample = 32;
    }
  }
  EXPECT_EQ(gather(launches, notes).at(0).shape.operations_per_sample, 32U);
}

TEST(Gather, KeepsMachinesAndCurvesApart) {
  Launch other = few.run(2);
  other.info.machine = "cloud";
  Launch in_place = few.run(3);
  for (Measurement& visit : in_place.measurements) {
    visit.point.in_place = true;
  }
  std::vector<std::string> notes;
  const auto data = gather({few.run(1), other, in_place}, notes);
  ASSERT_EQ(data.size(), 3U);
  EXPECT_EQ(data[0].machine, "cloud");
  EXPECT_TRUE(any_holds_text(notes, "2 machines are fitted apart: cloud, test"));
}

TEST(Gather, KeepsAllToAllsOfSendsAndNcclsOwnApart) {
  std::vector<Launch> launches{few.run(1), few.run(2)};
  for (Launch& launch : launches) {
    for (Measurement& visit : launch.measurements) {
      visit.point.become(Operation::all_to_all);
      visit.point.native = &launch == &launches.back();
    }
  }
  std::vector<std::string> notes;
  const auto data = gather(launches, notes);
  ASSERT_EQ(data.size(), 2U);
  EXPECT_FALSE(data[0].shape.native);
  EXPECT_TRUE(data[1].shape.native);
}

Launch run_with(std::uint64_t seed, const char* nvls) {
  Launch launch = few.run(seed);
  launch.provenance["version.nccl"] = "2.27.3";
  launch.provenance["env.NCCL_NVLS_ENABLE"] = nvls;
  launch.provenance["env.NCCL_DEBUG"] = seed % 2 == 0 ? "INFO" : "WARN";
  return launch;
}

TEST(Gather, LaunchesWithAFlippedSettingAreTwoCurves) {
  std::vector<std::string> notes;
  const auto data = gather({run_with(1, "0"), run_with(2, "1"), run_with(3, "0")}, notes);
  ASSERT_EQ(data.size(), 2U);
  EXPECT_EQ(data[0].shape.software, "nccl:2.27.3,NCCL_NVLS_ENABLE:0");
  EXPECT_EQ(data[0].launches.size(), 2U) << "a debug level is no other software";
  EXPECT_EQ(data[1].shape.software, "nccl:2.27.3,NCCL_NVLS_ENABLE:1");
  EXPECT_EQ(data[1].launches.size(), 1U);
  EXPECT_EQ(notes, std::vector<std::string>{data[0].machine +
                                            ": launches on different software are fitted apart: NCCL_NVLS_ENABLE:0 (2 "
                                            "launches); NCCL_NVLS_ENABLE:1 (1 launch)"});
}

TEST(Gather, LaunchesOnTheSameSoftwareAreOneCurveWithoutANote) {
  std::vector<std::string> notes;
  EXPECT_EQ(gather({run_with(1, "0"), run_with(2, "0")}, notes).size(), 1U);
  EXPECT_TRUE(notes.empty());
}

}  // namespace
}  // namespace hockney::fit
