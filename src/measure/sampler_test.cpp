#include "measure/sampler.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <gtest/gtest.h>
#include <optional>

#include "transport/scripted/scripted_transport.hpp"

namespace hockney::measure {
namespace {

Case scripted_case(Bytes payload) {
  Case point;
  point.transport = TransportKind::scripted;
  point.group = {.ranks = 8, .ranks_per_node = 8};
  point.payload = payload;
  return point;
}

Measurement sample_scripted(const transport::ScriptedMachine& machine, const Case& point, std::uint64_t seed = 1) {
  const auto transport = transport::make_scripted_transport(machine, seed);
  const auto link = transport->join(point);
  return sample_point(*link, nullptr, point, Sampling{}).visit;
}

TEST(ScriptedMachine, MedianIsAlphaPlusBetaTimesPayload) {
  transport::ScriptedMachine machine;
  machine.noise = 0.01;
  for (const Bytes payload : {Bytes{8}, kibibytes(64), mebibytes(64)}) {
    const Measurement measurement = sample_scripted(machine, scripted_case(payload));
    const double exact = 4e-6 + static_cast<double>(payload.count) / 180e9;
    EXPECT_NEAR(summarise(measurement).median_s, exact, 0.01 * exact);
    EXPECT_EQ(measurement.rank_columns, 8U);
    EXPECT_EQ(measurement.verification, Verification::not_checked);
  }
}

TEST(ScriptedMachine, SwitchesProtocolAtTheGivenSize) {
  transport::ScriptedMachine machine;
  machine.noise = 0;
  machine.segments.push_back({kibibytes(64), Seconds{9e-6}, SecondsPerByte{1 / 20e9}});
  EXPECT_DOUBLE_EQ(summarise(sample_scripted(machine, scripted_case(kibibytes(32)))).median_s, 4e-6 + 32768 / 180e9);
  EXPECT_DOUBLE_EQ(summarise(sample_scripted(machine, scripted_case(kibibytes(64)))).median_s, 9e-6 + 65536 / 20e9);
}

TEST(ScriptedMachine, HasAColumnForEveryRankOfEveryGroupAndTimesOneOperation) {
  transport::ScriptedMachine machine;
  machine.noise = 0;
  Case point = scripted_case(Bytes{8});
  point.group = {.ranks = 2, .ranks_per_node = 2, .stride = 1, .concurrent = 4};
  point.mode = Mode::stream;
  point.operations_per_sample = 20;
  const Measurement measurement = sample_scripted(machine, point);
  EXPECT_EQ(measurement.rank_columns, 8U);
  EXPECT_DOUBLE_EQ(summarise(measurement).median_s, 4e-6 + 8 / 180e9);
}

TEST(ScriptedMachine, IsReproducibleFromItsSeed) {
  transport::ScriptedMachine machine;
  const Case point = scripted_case(kibibytes(4));
  EXPECT_EQ(sample_scripted(machine, point).elapsed, sample_scripted(machine, point).elapsed);
  EXPECT_NE(sample_scripted(machine, point).elapsed, sample_scripted(machine, point, 2).elapsed);
}

TEST(ScriptedMachine, SecondVisitIsNoCopyOfTheFirst) {
  const auto transport = transport::make_scripted_transport(transport::ScriptedMachine{}, 1);
  const Case point = scripted_case(kibibytes(4));
  const auto first = sample_point(*transport->join(point), nullptr, point, Sampling{}).visit;
  const auto second = sample_point(*transport->join(point), nullptr, point, Sampling{}).visit;
  EXPECT_NE(first.elapsed, second.elapsed);
}

// Looked at after every batch, the interval must still hold the truth in 95 of 100 points.
TEST(StoppingRule, CoversTheMedianWhenItStops) {
  for (const double noise : {0.01, 0.05}) {
    transport::ScriptedMachine machine;
    machine.noise = noise;
    const auto transport = transport::make_scripted_transport(machine, 20261129);
    const Case point = scripted_case(mebibytes(1));
    const double truth = (machine.segments[0].alpha + machine.segments[0].beta * point.payload).count();
    constexpr int points = 1000;
    int held = 0;
    for (int i = 0; i < points; ++i) {
      const Measured measured =
          sample_point(*transport->join(point), nullptr, point, Sampling{.max_seconds = Seconds{60}});
      const Interval& interval = measured.summary.median_interval_s;
      held += interval.low <= truth && truth <= interval.high ? 1 : 0;
      EXPECT_EQ(measured.visit.stop, StopReason::interval);
    }
    EXPECT_GE(held, 0.93 * points) << noise;
    EXPECT_LE(held, 0.975 * points) << noise;
  }
}

// A link whose times and results the test chooses.
class FakeTrial final : public transport::Trial {
 public:
  std::uint32_t sets() const override { return buffer_sets; }
  void refill() override {}
  void run(std::uint32_t) override {}
  void poison() override { ++poisoned; }
  std::uint64_t count_wrong() override { return wrong; }
  std::uint32_t buffer_sets = 1;
  std::uint64_t wrong = 0;
  int poisoned = 0;
};

class FakeLink final : public transport::Link {
 public:
  transport::Verbs* verbs() override { return nullptr; }
  std::uint32_t columns() const override { return 2; }
  Seconds clock_step() const override { return Seconds{step}; }
  Seconds clock_floor() const override { return Seconds{4e-8}; }
  transport::Batch take(std::uint32_t count, transport::Trial*, std::uint32_t operations, bool is_gated) override {
    transport::Batch batch;
    for (std::uint32_t i = 0; i < count; ++i, ++taken) {
      const double warm = taken < 30 ? 5.0 * std::pow(0.8, taken) : 0;
      const double sample_s = operation_s > 0 ? operation_s * operations : 1e-4;
      batch.elapsed.push_back(sample_s * (1 + warm));
      batch.elapsed.push_back(sample_s * (1 + warm) * 0.8);
      batch.enqueue_s.push_back(2e-6);
      batch.host_s.push_back(2e-4);
      gated.push_back(is_gated);
    }
    if (is_gated && !first_gated_batch) {
      first_gated_batch = count;
    }
    batch.gate_timeouts = is_gated ? timeouts : 0;
    last_operations = operations;
    most_ungated = is_gated ? most_ungated : std::max(most_ungated, operations);
    return batch;
  }
  Observation observe(transport::Trial*) override {
    observed_after = gated.size();
    observed = fabric;
    return observation;
  }
  Fabric observed_fabric() const override { return observed; }
  Flags remarks() const override { return own_remarks; }
  DeviceState device_state() override {
    DeviceState state;
    state.throttle_reasons = looks++ < throttled_looks ? 0x40 : 0x4;  // thermal; power cap
    return state;
  }
  bool is_root() const override { return true; }
  std::uint64_t broadcast(std::uint64_t number) override { return number; }
  std::uint64_t sum(std::uint64_t value) override { return value; }
  void finish() override { ++finished; }

  Fabric fabric = Fabric::host_memory;
  Fabric observed = Fabric::unknown;
  Observation observation;
  Flags own_remarks;
  double step = 1e-8;
  double operation_s = 0;  ///< 0: a sample takes 100 us, whatever is in it
  std::uint64_t timeouts = 0;
  int throttled_looks = 0;
  int looks = 0;
  int taken = 0;
  int finished = 0;
  std::uint32_t last_operations = 0;
  std::uint32_t most_ungated = 0;                  ///< operations of a sample
  std::optional<std::uint32_t> first_gated_batch;  ///< samples
  std::size_t observed_after = 0;                  ///< samples
  std::vector<bool> gated;                         ///< of every sample
};

class Sampler : public testing::Test {
 protected:
  Sampler() { point_.payload = kibibytes(1); }
  Measurement sample(const Sampling& sampling = {}) { return sample_point(link_, &trial_, point_, sampling).visit; }

  FakeLink link_;
  FakeTrial trial_;
  Case point_;
};

TEST_F(Sampler, DiscardsTheWarmUpAndKeepsTheRest) {
  Sampling sampling;
  sampling.warm_up = Seconds{0};
  const Measurement measurement = sample(sampling);
  EXPECT_GE(measurement.discarded, 30U);
  EXPECT_FALSE(measurement.flags.has(Flag::not_steady));
  EXPECT_DOUBLE_EQ(summarise(measurement).median_s, 1e-4);
  EXPECT_EQ(measurement.enqueue_s, std::vector<double>(measurement.samples(), 2e-6));
  EXPECT_EQ(measurement.host_s, std::vector<double>(measurement.samples(), 2e-4));
  EXPECT_EQ(measurement.rank_columns, 2U);
  EXPECT_GT(trial_.poisoned, 1) << "before every batch";
  EXPECT_TRUE(measurement.flags.has(Flag::skewed)) << "one rank needs a fifth less, at 100 us";
  EXPECT_EQ(link_.finished, 1);
}

TEST_F(Sampler, WarmsUpWithoutTheGateAndObservesBeforeItSamples) {
  const Measurement measurement = sample();
  const auto first_gated = std::find(link_.gated.begin(), link_.gated.end(), true);
  EXPECT_EQ(first_gated - link_.gated.begin(), measurement.discarded);
  EXPECT_EQ(std::count(first_gated, link_.gated.end(), false), 0);
  EXPECT_EQ(link_.observed_after, measurement.discarded);
}

TEST_F(Sampler, TouchesEverySetOfBuffersBeforeTheGateIsUsed) {
  sample();
  EXPECT_EQ(link_.most_ungated, 1U);
  trial_.buffer_sets = 64;
  const Measurement measurement = sample();
  EXPECT_EQ(link_.most_ungated, 64U) << "operations of one sample, a set each";
  EXPECT_EQ(measurement.point.operations_per_sample, 1U);
}

TEST_F(Sampler, SaysWhenItNeverBecameSteady) {
  Sampling sampling;
  sampling.warm_up = Seconds{0};
  sampling.max_discarded = 15;
  EXPECT_TRUE(sample(sampling).flags.has(Flag::not_steady));
}

TEST_F(Sampler, WarmsUpForTheLeastTimeWhereNoSampleMayFollowIt) {
  Sampling sampling;
  sampling.warm_up = Seconds{0.05};
  sampling.max_discarded = 0;
  const auto began = std::chrono::steady_clock::now();
  sample(sampling);
  EXPECT_GE(std::chrono::steady_clock::now() - began, sampling.warm_up);
}

TEST_F(Sampler, AWrongElementFailsThePoint) {
  trial_.wrong = 1;
  const Measurement measurement = sample();
  EXPECT_EQ(measurement.verification, Verification::failed);
  EXPECT_TRUE(measurement.flags.has(Flag::wrong_result));
}

TEST_F(Sampler, AnotherFabricThanAskedForVoidsThePoint) {
  link_.fabric = Fabric::tcp;
  EXPECT_TRUE(sample().flags.has(Flag::void_fabric));
  link_.fabric = Fabric::unknown;
  const Measurement unknown = sample();
  EXPECT_TRUE(unknown.flags.has(Flag::fabric_unproven));
  EXPECT_FALSE(unknown.flags.has(Flag::void_fabric));
}

TEST_F(Sampler, AnotherAlgorithmOrProtocolThanPinnedVoidsThePoint) {
  link_.observation.algorithm = "NVLSTree";
  link_.observation.protocol = "Simple";
  EXPECT_FALSE(sample().flags.has(Flag::void_pin)) << "nothing is pinned";
  point_.algorithm = "nvls_tree";
  point_.protocol = "simple";
  const Measurement pinned = sample();
  EXPECT_FALSE(pinned.flags.has(Flag::void_pin));
  EXPECT_EQ(pinned.observation.algorithm, "NVLSTree");
  point_.protocol = "ll128";
  EXPECT_TRUE(sample().flags.has(Flag::void_pin));
}

TEST_F(Sampler, APinThatTheLibraryTellsNothingOfIsUnproven) {
  EXPECT_FALSE(sample().flags.has(Flag::pin_unproven)) << "nothing is pinned";
  point_.protocol = "ll128";
  EXPECT_TRUE(sample().flags.has(Flag::pin_unproven));
  EXPECT_FALSE(sample().flags.has(Flag::void_pin));
  link_.observation.protocol = "LL128";
  EXPECT_FALSE(sample().flags.has(Flag::pin_unproven));
  point_.algorithm = "tree";
  EXPECT_TRUE(sample().flags.has(Flag::pin_unproven)) << "one of two is not enough";
}

TEST_F(Sampler, TheTransportsRemarksAreThePoints) {
  EXPECT_FALSE(sample().flags.has(Flag::network_path));
  link_.own_remarks.set(Flag::network_path);
  EXPECT_TRUE(sample().flags.has(Flag::network_path));
}

TEST_F(Sampler, DividesByTheOperationsOfASample) {
  point_.become(Operation::ping_pong);
  point_.operations_per_sample = 20;
  const Measurement measurement = sample();
  EXPECT_DOUBLE_EQ(summarise(measurement).median_s, 5e-6);
  EXPECT_DOUBLE_EQ(measurement.enqueue_s.front(), 1e-7);
  EXPECT_DOUBLE_EQ(measurement.host_s.front(), 1e-5);
  EXPECT_DOUBLE_EQ(measurement.clock_step_s, 5e-10);
  EXPECT_DOUBLE_EQ(measurement.clock_floor_s, 4e-8);
  EXPECT_EQ(measurement.point.operations_per_sample, 20U) << "a stream of messages has its own length";
}

TEST_F(Sampler, BeginsWithAsManySamplesOfASlowPointAsItHasPatienceFor) {
  Sampling sampling;
  sampling.warm_up = Seconds{0};
  sampling.max_seconds = Seconds{0.1};
  link_.operation_s =
      0.25;  // the fake answers at once, so the real clock stops nothing: the first batch alone is short
  sample(sampling);
  EXPECT_EQ(link_.first_gated_batch, 1U);
  link_ = {};
  sample(sampling);
  EXPECT_GT(link_.first_gated_batch, 1U) << "100 us each";
}

TEST_F(Sampler, TakesAsManyOperationsBackToBackAsFillASampleWithinLimits) {
  point_.operations_per_sample = 20;
  for (const Mode mode : {Mode::stream, Mode::graph}) {
    point_.mode = mode;
    for (const auto& [operation_s, operations] : {std::pair{1e-6, 32U}, {4.1e-6, 25U}, {50e-6, 20U}}) {
      link_ = {};
      link_.operation_s = operation_s;
      const Measurement measurement = sample();
      EXPECT_EQ(measurement.point.operations_per_sample, operations) << operation_s;
      EXPECT_EQ(link_.last_operations, operations) << operation_s;
      EXPECT_DOUBLE_EQ(summarise(measurement).median_s, operation_s);
      EXPECT_DOUBLE_EQ(measurement.clock_step_s, 1e-8 / operations);
    }
  }
}

TEST_F(Sampler, FlagsAGateThatOpenedByItself) {
  EXPECT_FALSE(sample().flags.has(Flag::gate_timeout));
  link_.timeouts = 1;
  EXPECT_TRUE(sample().flags.has(Flag::gate_timeout));
}

TEST_F(Sampler, RepeatsAThrottledPointOnce) {
  link_.throttled_looks = 1;
  const Measurement recovered = sample();
  EXPECT_FALSE(recovered.flags.has(Flag::throttled));
  EXPECT_EQ(link_.looks, 4);
  const auto kept = static_cast<std::size_t>(std::count(link_.gated.begin(), link_.gated.end(), true));
  EXPECT_EQ(recovered.samples(), kept / 2) << "the second time alone";
  EXPECT_EQ(recovered.host_s.size(), recovered.samples());

  link_ = {};
  link_.throttled_looks = 100;
  EXPECT_TRUE(sample().flags.has(Flag::throttled));
  EXPECT_EQ(link_.looks, 4);
}

}  // namespace
}  // namespace hockney::measure
