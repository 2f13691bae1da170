#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plan/case.hpp"
#include "plan/plan.hpp"
#include "transport/pattern.hpp"
#include "units/seconds.hpp"

namespace hockney {

/// Memory of the kind that the transport moves: host memory here, device memory elsewhere. Freed by the destructor.
class Memory {
 public:
  virtual ~Memory() = default;
  virtual std::span<std::byte> bytes() = 0;
};

/// What an experiment can do to its group: the verbs. Buffers are spans of Memory; counts follow from their sizes.
/// Collective verbs are called by every rank of the group. In-place verbs return the part that holds the result.
class Verbs {
 public:
  using Buffer = std::span<std::byte>;
  using ConstBuffer = std::span<const std::byte>;

  virtual ~Verbs() = default;
  virtual std::uint32_t rank() const = 0;
  virtual std::uint32_t ranks() const = 0;

  virtual std::unique_ptr<Memory> allocate(Bytes size) = 0;
  virtual void fill(Buffer buffer, Element element, const Pattern& pattern) = 0;
  virtual void poison(Buffer buffer) = 0;  ///< fills with 0xFF bytes, which no pattern holds
  virtual void copy(ConstBuffer from, Buffer to) = 0;
  virtual std::uint64_t count_wrong(ConstBuffer buffer, Element element, const Pattern& pattern) = 0;

  /// Sum over ranks; both buffers hold the payload.
  virtual void all_reduce(ConstBuffer send, Buffer receive, Element element) = 0;
  virtual Buffer all_reduce_in_place(Buffer buffer, Element element) = 0;
  /// `receive` holds one block per rank, `send` is this rank's block.
  virtual void all_gather(ConstBuffer send, Buffer receive, Element element) = 0;
  virtual Buffer all_gather_in_place(Buffer buffer, Element element) = 0;
  /// `send` holds one block per rank, `receive` gets this rank's block summed over ranks.
  virtual void reduce_scatter(ConstBuffer send, Buffer receive, Element element) = 0;
  virtual Buffer reduce_scatter_in_place(Buffer buffer, Element element) = 0;
  /// Both buffers hold one block per rank.
  virtual void all_to_all(ConstBuffer send, Buffer receive, Element element) = 0;
  virtual Buffer all_to_all_in_place(Buffer buffer, Element element) = 0;

  /// Blocking point-to-point messages between ranks of the group.
  virtual void send(ConstBuffer buffer, std::uint32_t to) = 0;
  virtual void receive(Buffer buffer, std::uint32_t from) = 0;
  /// One message out and one in at the same time; returns when both are done.
  virtual void exchange(ConstBuffer out, std::uint32_t to, Buffer in, std::uint32_t from) = 0;

  /// Lets the running sample's clock begin here instead of at the start line: t(K) - t(1) of a stream of messages.
  virtual void restart_clock() = 0;
};

/// What is timed, on one rank: an experiment's buffers and body for one case.
class Trial {
 public:
  virtual ~Trial() = default;
  /// Called before every sample, outside the timed region: restores inputs that the operation overwrites.
  virtual void refill() = 0;
  /// The timed region: Case::operations_per_sample operations.
  virtual void run() = 0;
  /// Poisons what the operation writes, so that verify() cannot be satisfied by an earlier one.
  virtual void poison() = 0;
  /// Elements of the last run's result that are wrong on this rank.
  virtual std::uint64_t count_wrong() = 0;
};

/// The group of one case, joined on a transport, with the timer that fits it. Collective members are called by every
/// rank of the group.
class Link {
 public:
  virtual ~Link() = default;
  /// The verbs of this rank; null when no transfer takes place at all (a simulation), so that there is nothing to run
  /// and no result to verify.
  virtual Verbs* verbs() = 0;

  /// What carries the bytes, as far as the transport can tell; Fabric::unknown when it cannot.
  virtual Fabric observed_fabric() const = 0;
  /// Smallest non-zero step of the clock.
  virtual Seconds clock_step() const = 0;

  /// Takes `count` samples of the trial: refill, start line, clock, run, clock. Returns, on the group's rank 0, the
  /// raw clock differences [sample][rank] in s, row-major; nothing on the other ranks. `trial` is null exactly when
  /// verbs() is. Collective.
  virtual std::vector<double> take(std::uint32_t count, Trial* trial) = 0;

  virtual bool is_root() const = 0;
  /// Rank 0's number on every rank. Collective; between samples only.
  virtual std::uint64_t broadcast(std::uint64_t number) = 0;
  /// Sum over the group's ranks. Collective.
  virtual std::uint64_t sum(std::uint64_t value) = 0;
};

/// A way to move bytes between ranks.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual World world() const = 0;

  /// Why this transport cannot run a case; nothing when it can. The same on every rank.
  virtual std::optional<std::string> refusal(const Case& point) const = 0;

  /// Joins the first `point.group.ranks` ranks; empty on ranks that stay outside. Collective over the world.
  virtual std::unique_ptr<Link> join(const Case& point) = 0;
};

}  // namespace hockney
