#include "measure/sampler.hpp"

#include <cmath>
#include <gtest/gtest.h>

#include "transport/scripted_transport.hpp"

namespace hockney {
namespace {

Case scripted_case(Bytes payload) {
  Case point;
  point.transport = TransportKind::scripted;
  point.group = {.ranks = 8, .ranks_per_node = 8};
  point.payload = payload;
  return point;
}

Measurement sample_scripted(const ScriptedMachine& machine, const Case& point, std::uint64_t seed = 1) {
  const auto transport = make_scripted_transport(machine, seed);
  const auto link = transport->join(point);
  return sample_point(*link, nullptr, point, Sampling{});
}

TEST(ScriptedMachine, MedianIsAlphaPlusBetaTimesPayload) {
  ScriptedMachine machine;
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
  ScriptedMachine machine;
  machine.noise = 0;
  machine.segments.push_back({kibibytes(64), Seconds{9e-6}, SecondsPerByte{1 / 20e9}});
  EXPECT_DOUBLE_EQ(summarise(sample_scripted(machine, scripted_case(kibibytes(32)))).median_s, 4e-6 + 32768 / 180e9);
  EXPECT_DOUBLE_EQ(summarise(sample_scripted(machine, scripted_case(kibibytes(64)))).median_s, 9e-6 + 65536 / 20e9);
}

TEST(ScriptedMachine, IsReproducibleFromItsSeed) {
  ScriptedMachine machine;
  const Case point = scripted_case(kibibytes(4));
  EXPECT_EQ(sample_scripted(machine, point).elapsed, sample_scripted(machine, point).elapsed);
  EXPECT_NE(sample_scripted(machine, point).elapsed, sample_scripted(machine, point, 2).elapsed);
}

TEST(ScriptedMachine, SecondVisitIsNoCopyOfTheFirst) {
  const auto transport = make_scripted_transport(ScriptedMachine{}, 1);
  const Case point = scripted_case(kibibytes(4));
  const auto first = sample_point(*transport->join(point), nullptr, point, Sampling{});
  const auto second = sample_point(*transport->join(point), nullptr, point, Sampling{});
  EXPECT_NE(first.elapsed, second.elapsed);
}

// A link whose times and results the test chooses.
class FakeTrial final : public Trial {
 public:
  void refill() override {}
  void run() override {}
  void poison() override { ++poisoned; }
  std::uint64_t count_wrong() override { return wrong; }
  std::uint64_t wrong = 0;
  int poisoned = 0;
};

class FakeLink final : public Link {
 public:
  Verbs* verbs() override { return nullptr; }
  Fabric observed_fabric() const override { return observed; }
  Seconds clock_step() const override { return Seconds{step}; }
  std::vector<double> take(std::uint32_t count, Trial*) override {
    std::vector<double> raw;
    for (std::uint32_t i = 0; i < count; ++i, ++taken) {
      const double warm = taken < 30 ? 5.0 * std::pow(0.8, taken) : 0;
      raw.push_back(1e-4 * (1 + warm));
      raw.push_back(0.8e-4 * (1 + warm));
    }
    return raw;
  }
  bool is_root() const override { return true; }
  std::uint64_t broadcast(std::uint64_t number) override { return number; }
  std::uint64_t sum(std::uint64_t value) override { return value; }
  Fabric observed = Fabric::host_memory;
  double step = 1e-8;
  int taken = 0;
};

Case pair_case() {
  Case point;
  point.payload = kibibytes(1);
  return point;
}

TEST(Sampler, DiscardsTheWarmUpAndKeepsTheRest) {
  FakeLink link;
  FakeTrial trial;
  Sampling sampling;
  sampling.warm_up = Seconds{0};
  const Measurement measurement = sample_point(link, &trial, pair_case(), sampling);
  EXPECT_GE(measurement.discarded, 30U);
  EXPECT_FALSE(measurement.flags.has(Flag::not_steady));
  EXPECT_DOUBLE_EQ(summarise(measurement).median_s, 1e-4);
  EXPECT_GT(trial.poisoned, 1) << "before every batch";
  EXPECT_TRUE(measurement.flags.has(Flag::skewed)) << "one rank needs a fifth less, at 100 us";
}

TEST(Sampler, SaysWhenItNeverBecameSteady) {
  FakeLink link;
  FakeTrial trial;
  Sampling sampling;
  sampling.warm_up = Seconds{0};
  sampling.max_discarded = 15;
  EXPECT_TRUE(sample_point(link, &trial, pair_case(), sampling).flags.has(Flag::not_steady));
}

TEST(Sampler, AWrongElementFailsThePoint) {
  FakeLink link;
  FakeTrial trial;
  trial.wrong = 1;
  const Measurement measurement = sample_point(link, &trial, pair_case(), Sampling{});
  EXPECT_EQ(measurement.verification, Verification::failed);
  EXPECT_TRUE(measurement.flags.has(Flag::wrong_result));
}

TEST(Sampler, AnotherFabricThanAskedForVoidsThePoint) {
  FakeLink link;
  FakeTrial trial;
  link.observed = Fabric::tcp;
  EXPECT_TRUE(sample_point(link, &trial, pair_case(), Sampling{}).flags.has(Flag::void_fabric));
  link.observed = Fabric::unknown;
  const Measurement unknown = sample_point(link, &trial, pair_case(), Sampling{});
  EXPECT_TRUE(unknown.flags.has(Flag::fabric_unproven));
  EXPECT_FALSE(unknown.flags.has(Flag::void_fabric));
}

TEST(Sampler, DividesByTheOperationsOfASample) {
  FakeLink link;
  FakeTrial trial;
  Case point = pair_case();
  point.operation = Operation::ping_pong;
  point.operations_per_sample = 20;
  EXPECT_DOUBLE_EQ(summarise(sample_point(link, &trial, point, Sampling{})).median_s, 5e-6);
}

}  // namespace
}  // namespace hockney
