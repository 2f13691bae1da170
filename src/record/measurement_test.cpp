#include "record/measurement.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "record/launch.hpp"

namespace hockney::inline record {
namespace {

Measurement visit(std::vector<double> elapsed, std::uint32_t ranks, std::uint32_t pass = 0) {
  Measurement measurement;
  measurement.point.group = {.ranks = 4, .ranks_per_node = 4};
  measurement.point.payload = Bytes{1000};
  measurement.rank_columns = ranks;
  measurement.elapsed = std::move(elapsed);
  measurement.pass = pass;
  return measurement;
}

TEST(Measurement, ReducesOverRanks) {
  Measurement two = visit({1, 3, 5, 4}, 2);
  EXPECT_EQ(two.samples(), 2U);
  EXPECT_EQ(two.completion_times(), (std::vector<double>{3, 5}));
  EXPECT_EQ(two.fastest_times(), (std::vector<double>{1, 4}));
  two.point.become(Operation::one_way_stream);
  EXPECT_EQ(two.completion_times(), (std::vector<double>{3, 4}));  // the receiver's
  EXPECT_EQ(Measurement{}.samples(), 0U);
}

TEST(Measurement, ReducesOverConcurrentGroups) {
  Measurement pairs = visit({1, 3, 5, 2,  //
                             4, 2, 1, 6},
                            4);
  pairs.point.group = {.ranks = 2, .ranks_per_node = 2, .stride = 1, .concurrent = 2};
  EXPECT_EQ(pairs.completion_times(), (std::vector<double>{5, 6}));
  EXPECT_EQ(pairs.completion_times_of_group(0), (std::vector<double>{3, 4}));
  EXPECT_EQ(pairs.completion_times_of_group(1), (std::vector<double>{5, 6}));
  EXPECT_THROW(pairs.completion_times_of_group(2), Failure);
  pairs.point.become(Operation::one_way_stream);  // each group's receiver is its last rank
  EXPECT_EQ(pairs.completion_times_of_group(0), (std::vector<double>{3, 2}));
  EXPECT_EQ(pairs.completion_times_of_group(1), (std::vector<double>{2, 6}));
  EXPECT_EQ(pairs.completion_times(), (std::vector<double>{3, 6}));
  Measurement imported = visit({7, 8, 9}, 1);
  imported.point.group.concurrent = 4;
  EXPECT_EQ(imported.completion_times(), (std::vector<double>{7, 8, 9}));
}

TEST(Summary, NamesTheSlowestGroup) {
  Measurement pairs = visit({1e-6, 3e-6, 5e-6, 2e-6, 4e-6, 2e-6, 1e-6, 6e-6, 9e-6, 2e-6, 1e-6, 5e-6}, 4);
  pairs.point.group = {.ranks = 2, .ranks_per_node = 2, .stride = 1, .concurrent = 2};
  const Summary summary = summarise(pairs);  // groups take 3, 4, 9 and 5, 6, 5 us
  EXPECT_EQ(summary.slowest_group, 1U);
  EXPECT_DOUBLE_EQ(summary.slowest_group_median_s, 5e-6);
  EXPECT_DOUBLE_EQ(summary.median_s, 6e-6);
  const Summary alone = summarise(visit({4e-6, 2e-6, 4e-6, 3e-6}, 2));
  EXPECT_EQ(alone.slowest_group, 0U);
  EXPECT_DOUBLE_EQ(alone.slowest_group_median_s, alone.median_s);
}

TEST(DeviceState, IsThrottledByHeatOrHardwareOnly) {
  for (const auto& [reasons, throttled] : {std::pair{0x0U, false},
                                           {0x1U, false},
                                           {0x4U, false},
                                           {0x8U, true},
                                           {0x20U, true},
                                           {0x40U, true},
                                           {0x80U, true},
                                           {0x44U, true}}) {
    DeviceState state;
    state.throttle_reasons = reasons;
    EXPECT_EQ(state.is_throttled(), throttled) << reasons;
  }
}

TEST(Summary, DerivesTimesAndBandwidths) {
  const Summary summary = summarise(visit({4e-6, 2e-6, 4e-6, 3e-6, 8e-6, 8e-6}, 2));
  EXPECT_EQ(summary.samples, 3U);
  EXPECT_DOUBLE_EQ(summary.median_s, 4e-6);
  EXPECT_DOUBLE_EQ(summary.min_s, 4e-6);
  EXPECT_DOUBLE_EQ(summary.max_s, 8e-6);
  EXPECT_DOUBLE_EQ(summary.p99_s, 8e-6);
  EXPECT_DOUBLE_EQ(summary.p75_s, 6e-6);
  EXPECT_DOUBLE_EQ(summary.median_absolute_deviation_s, 0);
  EXPECT_DOUBLE_EQ(summary.skew, 0.25);  // of 0.5, 0.25 and 0
  EXPECT_DOUBLE_EQ(summary.fastest_rank_s, 3e-6) << "of 2, 3 and 8 us";
  EXPECT_DOUBLE_EQ(summary.algbw.value, 2.5e8);
  EXPECT_DOUBLE_EQ(summary.busbw.value, 2.5e8 * 1.5);
}

TEST(Summary, BusbwOfUnevenBlocksFollowsTheRouting) {
  Measurement uneven = visit({4e-6, 4e-6}, 2);
  uneven.point.become(Operation::all_to_all_v);
  uneven.point.own = Routing{100, {}, {}};  // everything goes to rank 0 of n: n - 1 payloads come in from others
  const Summary summary = summarise(uneven);
  EXPECT_DOUBLE_EQ(summary.busbw.value, summary.algbw.value * (uneven.point.group.ranks - 1));
  uneven.point.own = Routing{0, "as read from a file", {}};
  EXPECT_EQ(summarise(uneven).busbw.value, 0);
}

TEST(Summary, WidensTheIntervalByTheClocksStep) {
  Measurement coarse = visit(std::vector<double>(100, 4e-6), 1);
  coarse.clock_step_s = 1e-6;
  const Summary summary = summarise(coarse);
  EXPECT_DOUBLE_EQ(summary.median_interval_s.low, 3.5e-6);
  EXPECT_DOUBLE_EQ(summary.median_interval_s.high, 4.5e-6);
  const Interval same = median_interval_of_visit(coarse.completion_times(), coarse.clock_step_s);
  EXPECT_DOUBLE_EQ(same.low, summary.median_interval_s.low);
  EXPECT_DOUBLE_EQ(same.high, summary.median_interval_s.high);
}

TEST(Summary, OfSeveralPassesSeesThatTheyDiffer) {
  const Measurement fast = visit(std::vector<double>(100, 4e-6), 1, 0);
  const Measurement slow = visit(std::vector<double>(100, 5e-6), 1, 1);
  const Measurement* const passes[] = {&fast, &slow};
  const Summary summary = summarise(passes);
  EXPECT_EQ(summary.samples, 200U);
  EXPECT_DOUBLE_EQ(summary.median_s, 4.5e-6);
  EXPECT_DOUBLE_EQ(summary.autocorrelation_time, 1);  // the step between the passes is no correlation within one
  EXPECT_LE(summary.median_interval_s.low, 4e-6);     // Student over two medians is wide
  EXPECT_GE(summary.median_interval_s.high, 10e-6);
  EXPECT_GE(summary.median_interval_s.low, 0);
  EXPECT_THROW(summarise(visit({}, 1)), Failure);
}

TEST(Flags, Print) {
  Flags flags;
  EXPECT_EQ(to_string(flags), "");
  flags.set(Flag::drifting);
  flags.set(Flag::simulated);
  EXPECT_EQ(to_string(flags), "simulated,drifting");
  flags.set(Flag::skewed, false);
  EXPECT_FALSE(flags.has(Flag::skewed));
  std::uint32_t seen = 0;
  for (const auto& [flag, name] : Names<Flag>::table) {
    const auto bit = static_cast<std::uint32_t>(flag);
    EXPECT_EQ(bit & (bit - 1), 0U) << name;
    EXPECT_EQ(seen & bit, 0U) << name;
    seen |= bit;
  }
}

TEST(Environment, IsAnAllowList) {
  for (const auto* name : {"NCCL_FOO", "NCCL_DEBUG", "UCX_TLS", "MPICH_ASYNC_PROGRESS", "FI_PROVIDER", "SLURM_JOB_ID",
                           "CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "OMPI_MCA_pml"}) {
    EXPECT_TRUE(is_allowed_environment(name)) << name;
  }
  for (const auto* name : {"HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "HOME", "PATH", "USER", "", "XNCCL_DEBUG",
                           "SLURM_JWT", "NCCL_API_KEY", "UCX_AUTH_TOKEN", "FI_PASSWORD", "OMPI_MCA_ess_base_jobid"}) {
    EXPECT_FALSE(is_allowed_environment(name)) << name;
  }
  ::setenv("NCCL_HOCKNEY_TEST", "a=b", 1);
  ::setenv("HOCKNEY_TEST_TOKEN", "secret", 1);
  const Provenance collected = allowed_environment();
  EXPECT_EQ(collected.at("env.NCCL_HOCKNEY_TEST"), "a=b");
  for (const auto& [key, value] : collected) {
    EXPECT_TRUE(key.starts_with("env."));
    EXPECT_NE(value, "secret");
  }
}

TEST(Launch, IdentifiersAndTimes) {
  const std::string uuid = random_uuid();
  ASSERT_EQ(uuid.size(), 36U);
  EXPECT_EQ(uuid[14], '4');
  EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
  EXPECT_NE(random_uuid(), uuid);
  EXPECT_EQ(uuid_of("text"), uuid_of("text"));
  EXPECT_NE(uuid_of("text"), uuid_of("texu"));
  EXPECT_EQ(uuid_of("text").size(), uuid.size());
  EXPECT_EQ(uuid_of("text")[14], '8');
  EXPECT_EQ(to_iso8601(1795389005LL * 1'000'000'000), "2026-11-22T23:10:05Z");
  EXPECT_EQ(to_iso8601(0), "1970-01-01T00:00:00Z");
  EXPECT_GT(now_utc_ns(), 1'700'000'000LL * 1'000'000'000);
}

}  // namespace
}  // namespace hockney::inline record
