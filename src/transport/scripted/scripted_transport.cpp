#include "transport/scripted/scripted_transport.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "base/error.hpp"
#include "plan/replay.hpp"
#include "workload/messages.hpp"

namespace hockney::transport {
namespace {

double time_of(const std::vector<ScriptedSegment>& segments, Bytes payload) {
  double time_s = 0;
  for (const ScriptedSegment& segment : segments) {
    if (segment.from <= payload) {
      time_s = (segment.alpha + segment.beta * payload).count();
    }
  }
  return time_s;
}

double time_of_step(const ScriptedMachine& machine, const Case& point) {
  double time_s = compute_of(point).count();
  for (const Message& message : step_messages(point.step().model, point.step().mapping)) {
    time_s += static_cast<double>(message.count) * time_of(machine.segments, message.payload);
  }
  return time_s;
}

/// Ranks of a group whose clocks stop together, as columns of a sample.
struct Party {
  std::vector<std::uint32_t> columns;
  double exact_s = 0;
};

/// Where the ranks of a party run.
struct Places {
  std::vector<std::uint32_t> nodes;
  std::vector<std::uint32_t> rails;
};

bool holds(const std::vector<std::uint32_t>& values, std::uint32_t wanted) {
  return std::find(values.begin(), values.end(), wanted) != values.end();
}

bool is_met(const ScriptedFault& fault, const Places& places) {
  switch (fault.place) {
    case FaultPlace::node:
      return holds(places.nodes, fault.node);
    case FaultPlace::nic:
      return holds(places.nodes, fault.node) && holds(places.rails, fault.rail);
    case FaultPlace::pair:
      return holds(places.nodes, fault.node) && holds(places.nodes, fault.other);
    case FaultPlace::rail:
      return holds(places.rails, fault.rail);
  }
  return false;
}

/// The times of one case on a scripted machine.
class ScriptedTimes {
 public:
  ScriptedTimes(const ScriptedMachine& machine, const Case& point, std::uint32_t visit)
      : machine_(machine), point_(point), visit_(visit) {}

  std::vector<Party> parties() const {
    const auto partners = partners_of(point_.routing(), point_.group.ranks);
    return partners ? pairs(*partners) : std::vector{everybody()};
  }

 private:
  Party everybody() const {
    Party party;
    party.columns.resize(std::size_t{point_.group.ranks} * point_.group.concurrent);
    std::iota(party.columns.begin(), party.columns.end(), 0U);
    party.exact_s = point_.operation == Operation::step_replay ? time_of_step(machine_, point_)
                                                               : time_between(party.columns, false);
    return party;
  }

  std::vector<Party> pairs(const std::vector<std::uint32_t>& partners) const {
    const std::uint32_t ranks = point_.group.ranks;
    std::uint32_t exchanges = 0;
    for (std::uint32_t rank = 0; rank < ranks; ++rank) {
      exchanges += rank < partners[rank] ? 1 : 0;
    }
    std::vector<Party> parties;
    for (std::uint32_t column = 0; column < ranks * point_.group.concurrent; ++column) {
      const std::uint32_t rank = column % ranks;
      const std::uint32_t other = column - rank + partners[rank];
      if (other >= column) {
        Party& party = parties.emplace_back();
        party.columns = other == column ? std::vector{column} : std::vector{column, other};
        party.exact_s = time_between(party.columns, exchanges > 1);
      }
    }
    return parties;
  }

  double time_between(const std::vector<std::uint32_t>& columns, bool under_load) const {
    const Places places = places_of(columns);
    if (places.nodes.size() < 2 || machine_.nodes() < 2) {
      return time_of(machine_.segments, point_.payload);
    }
    const std::vector<ScriptedSegment>& segments =
        machine_.between_nodes.empty() ? machine_.segments : machine_.between_nodes;
    const double latency_s = time_of(segments, {});
    double slowest = 1;
    for (const ScriptedFault& fault : machine_.faults) {
      const bool is_there = (!fault.under_load || under_load) && (fault.only_visits == 0 || visit_ < fault.only_visits);
      slowest = is_there && is_met(fault, places) ? std::max(slowest, 1 / (1 - fault.lost)) : slowest;
    }
    return latency_s + slowest * (time_of(segments, point_.payload) - latency_s);
  }

  Places places_of(const std::vector<std::uint32_t>& columns) const {
    Places places;
    const auto add = [](std::vector<std::uint32_t>& values, std::uint32_t value) {
      if (!holds(values, value)) {
        values.push_back(value);
      }
    };
    for (const std::uint32_t column : columns) {
      const std::uint32_t slot = slots_of_copy(point_.group, column / point_.group.ranks)[column % point_.group.ranks];
      add(places.nodes, slot / machine_.ranks_per_node);
      add(places.rails, slot % machine_.ranks_per_node);
    }
    return places;
  }

  const ScriptedMachine& machine_;
  const Case& point_;
  std::uint32_t visit_;
};

class ScriptedLink final : public Link {
 public:
  ScriptedLink(const ScriptedMachine& machine, const Case& point, std::uint32_t visit, double launch_factor,
               std::mt19937_64& generator)
      : columns_(point.group.ranks * point.group.concurrent),
        fabric_(point.fabric),
        parties_(ScriptedTimes(machine, point, visit).parties()),
        noise_(machine.noise),
        launch_factor_(launch_factor),
        generator_(generator) {}

  Verbs* verbs() override { return nullptr; }
  std::uint32_t columns() const override { return columns_; }
  Seconds clock_step() const override { return Seconds{0}; }
  Seconds clock_floor() const override { return Seconds{0}; }

  Batch take(std::uint32_t count, Trial*, std::uint32_t operations, bool) override {
    Batch batch;
    batch.elapsed.resize(std::size_t{count} * columns_);
    for (std::uint32_t sample = 0; sample < count; ++sample) {
      for (const Party& party : parties_) {
        const double exact_s = operations * launch_factor_ * party.exact_s;
        const double slowest = exact_s * std::exp(noise_ * normal_(generator_));
        for (const std::uint32_t column : party.columns) {
          const double early = column == party.columns.back() ? 0 : noise_ / 2 * std::abs(normal_(generator_));
          batch.elapsed[std::size_t{sample} * columns_ + column] = slowest * std::exp(-early);
        }
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
  std::vector<Party> parties_;
  double noise_;
  double launch_factor_;
  std::normal_distribution<double> normal_;
  std::mt19937_64& generator_;  ///< of the transport, which outlives its links
};

class ScriptedTransport final : public Transport {
 public:
  ScriptedTransport(const ScriptedMachine& machine, std::uint64_t seed) : machine_(machine), generator_(seed) {
    if (machine_.segments.empty() || machine_.segments.front().from.count != 0) {
      throw Failure("a scripted machine needs a first segment that begins at 0 B");
    }
    if (machine_.launch_noise > 0) {
      launch_factor_ = std::exp(machine_.launch_noise * std::normal_distribution<double>()(generator_));
    }
  }
  World world() const override {
    World world;
    world.transport = TransportKind::scripted;
    world.ranks = machine_.ranks;
    world.ranks_per_node = std::min(machine_.ranks, machine_.ranks_per_node);
    world.nodes = Group{.ranks = world.ranks, .ranks_per_node = world.ranks_per_node}.nodes();
    world.uniform = world.ranks % world.ranks_per_node == 0;
    world.intra_node = machine_.intra_node;
    world.inter_node = machine_.inter_node;
    return world;
  }
  Flags flags() const override {
    Flags flags;
    flags.set(Flag::simulated);
    return flags;
  }
  std::optional<std::string> refusal(const Case& point) const override { return why_not_replayed(point); }
  std::unique_ptr<Link> join(const Case& point) override {
    return std::make_unique<ScriptedLink>(machine_, point, visits_++, launch_factor_, generator_);
  }

 private:
  ScriptedMachine machine_;
  std::mt19937_64 generator_;
  double launch_factor_ = 1;
  std::uint32_t visits_ = 0;
};

}  // namespace

std::unique_ptr<Transport> make_scripted_transport(const ScriptedMachine& machine, std::uint64_t seed) {
  return std::make_unique<ScriptedTransport>(machine, seed);
}

}  // namespace hockney::transport
