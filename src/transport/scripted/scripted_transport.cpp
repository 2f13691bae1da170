#include "transport/scripted/scripted_transport.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <random>

#include "base/error.hpp"
#include "base/number.hpp"
#include "plan/replay.hpp"
#include "workload/messages.hpp"

namespace hockney::transport {
namespace {

double time_of(const ScriptedMachine& machine, Bytes payload) {
  double time_s = 0;
  for (const ScriptedSegment& segment : machine.segments) {
    if (segment.from <= payload) {
      time_s = (segment.alpha + segment.beta * payload).count();
    }
  }
  return time_s;
}

double time_of_step(const ScriptedMachine& machine, const Case& point) {
  double time_s = compute_of(point).count();
  for (const Message& message : step_messages(point.step().model, point.step().mapping)) {
    time_s += static_cast<double>(message.count) * time_of(machine, message.payload);
  }
  return time_s;
}

class ScriptedLink final : public Link {
 public:
  ScriptedLink(const ScriptedMachine& machine, const Case& point, std::mt19937_64& generator)
      : columns_(point.group.ranks * point.group.concurrent),
        fabric_(point.fabric),
        noise_(machine.noise),
        generator_(generator) {
    exact_s_ =
        point.operation == Operation::step_replay ? time_of_step(machine, point) : time_of(machine, point.payload);
  }

  Verbs* verbs() override { return nullptr; }
  std::uint32_t columns() const override { return columns_; }
  Seconds clock_step() const override { return Seconds{0}; }
  Seconds clock_floor() const override { return Seconds{0}; }

  Batch take(std::uint32_t count, Trial*, std::uint32_t operations, bool) override {
    Batch batch;
    batch.elapsed.reserve(std::size_t{count} * columns_);
    for (std::uint32_t sample = 0; sample < count; ++sample) {
      const double slowest = operations * exact_s_ * std::exp(noise_ * normal_(generator_));
      for (std::uint32_t column = 0; column < columns_; ++column) {
        const double early = column + 1 == columns_ ? 0 : noise_ / 2 * std::abs(normal_(generator_));
        batch.elapsed.push_back(slowest * std::exp(-early));
      }
    }
    return batch;
  }

  Observation observe(Trial*) override { return {}; }
  Fabric observed_fabric() const override { return fabric_; }
  DeviceState device_state() override { return {}; }

  bool is_root() const override { return true; }
  std::uint64_t broadcast(std::uint64_t number) override { return number; }
  std::uint64_t sum(std::uint64_t value) override { return value; }
  void finish() override {}

 private:
  std::uint32_t columns_;
  Fabric fabric_;
  double exact_s_ = 0;
  double noise_;
  std::normal_distribution<double> normal_;
  std::mt19937_64& generator_;  ///< of the transport, which outlives its links
};

class ScriptedTransport final : public Transport {
 public:
  ScriptedTransport(const ScriptedMachine& machine, std::uint64_t seed) : machine_(machine), generator_(seed) {
    if (machine_.segments.empty() || machine_.segments.front().from.count != 0) {
      throw Failure("a scripted machine needs a first segment that begins at 0 B");
    }
  }
  World world() const override {
    World world;
    world.transport = TransportKind::scripted;
    world.ranks = machine_.ranks;
    world.ranks_per_node = std::min(machine_.ranks, machine_.ranks_per_node);
    world.nodes = Group{.ranks = world.ranks, .ranks_per_node = world.ranks_per_node}.nodes();
    world.uniform = world.ranks % world.ranks_per_node == 0;
    return world;
  }
  Flags flags() const override {
    Flags flags;
    flags.set(Flag::simulated);
    return flags;
  }
  std::optional<std::string> refusal(const Case& point) const override { return why_not_replayed(point); }
  std::unique_ptr<Link> join(const Case& point) override {
    return std::make_unique<ScriptedLink>(machine_, point, generator_);
  }

 private:
  ScriptedMachine machine_;
  std::mt19937_64 generator_;
};

}  // namespace

std::string to_string(const ScriptedMachine& machine) {
  std::string text;
  for (const ScriptedSegment& segment : machine.segments) {
    text += text.empty() ? "" : fmt::format("; from {}: ", to_string(segment.from));
    text += fmt::format("alpha {}, beta {}", base::to_string(segment.alpha), to_string(inverse(segment.beta)));
  }
  return fmt::format("{}, noise {} %", text, significant(machine.noise * 100));
}

std::unique_ptr<Transport> make_scripted_transport(const ScriptedMachine& machine, std::uint64_t seed) {
  return std::make_unique<ScriptedTransport>(machine, seed);
}

}  // namespace hockney::transport
