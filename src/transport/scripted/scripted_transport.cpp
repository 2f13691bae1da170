#include "transport/scripted/scripted_transport.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <numeric>
#include <random>
#include <set>

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

/// Where the ranks of a party run, and which of their nodes send and receive.
struct Places {
  std::set<std::uint32_t> rails;
  std::set<std::uint32_t> senders;
  std::set<std::uint32_t> receivers;

  bool span_nodes() const { return senders.size() > 1 || receivers.size() > 1 || senders != receivers; }
};

/// Whether a node is at an end of a message that the fault slows.
bool is_met_at(const ScriptedFault& fault, const Places& places) {
  const bool sends = places.senders.contains(fault.node);
  const bool receives = places.receivers.contains(fault.node);
  return (sends && fault.way != FaultWay::receiving) || (receives && fault.way != FaultWay::sending);
}

bool is_met_between(const ScriptedFault& fault, const Places& places) {
  const bool goes = places.senders.contains(fault.node) && places.receivers.contains(fault.other);
  const bool comes = places.senders.contains(fault.other) && places.receivers.contains(fault.node);
  return (goes && fault.way != FaultWay::receiving) || (comes && fault.way != FaultWay::sending);
}

bool is_met(const ScriptedFault& fault, const Places& places) {
  switch (fault.place) {
    case FaultPlace::node:
      return is_met_at(fault, places);
    case FaultPlace::nic:
      return is_met_at(fault, places) && places.rails.contains(fault.rail);
    case FaultPlace::pair:
      return is_met_between(fault, places);
    case FaultPlace::rail:
      return places.rails.contains(fault.rail);
  }
  return false;
}

/// The times of one case on a scripted machine.
class ScriptedTimes {
 public:
  ScriptedTimes(const ScriptedMachine& machine, const Case& point, std::uint32_t visit)
      : machine_(machine), point_(point), visit_(visit) {}

  /// Of the rails that take part, where they join nodes.
  std::string adapters() const {
    std::vector<std::uint32_t> columns(std::size_t{point_.group.ranks} * point_.group.concurrent);
    std::iota(columns.begin(), columns.end(), 0U);
    const Places places = places_of(columns);
    std::vector<std::string> names;
    for (const std::uint32_t rail : places.span_nodes() ? places.rails : std::set<std::uint32_t>{}) {
      if (rail < machine_.adapters.size()) {
        names.push_back(machine_.adapters[rail]);
      }
    }
    return fmt::format("{}", fmt::join(names, ","));
  }

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
    if (!places.span_nodes() || machine_.nodes() < 2) {
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

  std::uint32_t slot_of(std::uint32_t column) const {
    return slots_of_copy(point_.group, column / point_.group.ranks)[column % point_.group.ranks];
  }

  Places places_of(const std::vector<std::uint32_t>& columns) const {
    Places places;
    const bool all_receive = std::all_of(columns.begin(), columns.end(), [&](auto column) { return sends(column); });
    for (const std::uint32_t column : columns) {
      const std::uint32_t node = slot_of(column) / machine_.ranks_per_node;
      places.rails.insert(slot_of(column) % machine_.ranks_per_node);
      if (sends(column)) {
        places.senders.insert(node);
      }
      if (all_receive || !sends(column)) {
        places.receivers.insert(node);
      }
    }
    return places;
  }

  // Of a pair, one may only receive.
  bool sends(std::uint32_t column) const {
    return workload::sends(point_.routing(), column % point_.group.ranks, point_.group.ranks);
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
        adapters_(ScriptedTimes(machine, point, visit).adapters()),
        noise_(machine.noise),
        jitter_s_(machine.jitter.count()),
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
        const double delay_s = jitter_s_ > 0 ? jitter_s_ * exponential_(generator_) : 0;
        const double slowest = exact_s * std::exp(noise_ * normal_(generator_)) + delay_s;
        for (const std::uint32_t column : party.columns) {
          const double early = column == party.columns.back() ? 0 : noise_ / 2 * std::abs(normal_(generator_));
          batch.elapsed[std::size_t{sample} * columns_ + column] = slowest * std::exp(-early);
        }
      }
    }
    return batch;
  }

  Observation observe(Trial*) override {
    Observation observation;
    observation.adapters = adapters_;
    return observation;
  }
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
  std::string adapters_;
  double noise_;
  double jitter_s_;
  double launch_factor_;
  std::normal_distribution<double> normal_;
  std::exponential_distribution<double> exponential_;
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
