#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/seconds.hpp"
#include "pattern/pattern.hpp"
#include "plan/case.hpp"
#include "plan/plan.hpp"
#include "record/launch.hpp"
#include "record/observation.hpp"
#include "transport/call.hpp"

namespace hockney::transport {

/// Memory of the kind that the transport moves: host memory here, device memory elsewhere. Freed by the destructor.
class Memory {
 public:
  virtual ~Memory() = default;
  virtual std::span<std::byte> bytes() = 0;
};

/// What an experiment can do to its group: the verbs. Buffers are spans of Memory; counts follow from their sizes.
/// Verbs that move data may return before they are done (on a GPU they are queued on one stream, in order); the others
/// are done on return.
class Verbs {
 public:
  using Buffer = std::span<std::byte>;
  using ConstBuffer = std::span<const std::byte>;

  virtual ~Verbs() = default;
  virtual std::uint32_t rank() const = 0;
  virtual std::uint32_t ranks() const = 0;
  /// Which of the concurrent groups this is; 0 when there is one.
  virtual std::uint32_t group() const = 0;
  /// Last-level cache of the memory that buffers lie in, for buffer_sets(); 0 B when it is not known.
  virtual Bytes cache_size() const = 0;

  /// Memory for a buffer of the case's kind (Case::buffers). Collective, with the same size on every rank, when the
  /// case's buffers are registered or a symmetric window.
  virtual std::unique_ptr<Memory> allocate(Bytes size) = 0;
  /// Plain memory that no operation works on: pristine copies. Collective where allocate() is.
  virtual std::unique_ptr<Memory> allocate_scratch(Bytes size) = 0;
  virtual void fill(Buffer buffer, const pattern::Pattern& pattern) = 0;
  virtual void poison(Buffer buffer) = 0;  ///< fills with 0xFF bytes, which no pattern holds
  virtual void copy(ConstBuffer from, Buffer to) = 0;
  virtual std::uint64_t count_wrong(ConstBuffer buffer, const pattern::Pattern& pattern) = 0;
  /// Between ordinary host memory and a buffer of the same size; done on return.
  virtual void from_host(ConstBuffer host, Buffer buffer) = 0;
  virtual std::vector<std::byte> to_host(ConstBuffer buffer) = 0;

  /// One collective operation; every rank of the group calls it. Returns where this rank's result lies: `call.receive`,
  /// or another block of the same buffer where the library puts it there.
  virtual Buffer collective(const Call& call) = 0;

  /// Point-to-point messages between ranks of the group, in order.
  virtual void send(ConstBuffer buffer, std::uint32_t to) = 0;
  virtual void receive(Buffer buffer, std::uint32_t from) = 0;
  /// One message out and one in at the same time.
  virtual void exchange(ConstBuffer out, std::uint32_t to, Buffer in, std::uint32_t from) = 0;

  /// Keeps this rank busy for a time, on the clock of the memory's device: stands for compute.
  virtual void busy(Seconds duration) = 0;

  /// Queues or runs C = A B (Matmul): products of the shape's operands, accumulated in float32 or wider. Throws
  /// CannotRun where this build or device has no library for the element.
  virtual void matmul(ConstBuffer a, ConstBuffer b, Buffer c, const Matmul& shape, Element element) = 0;

  /// Verbs among those ranks of this group that give the same colour, in order of rank; with the memory, the device and
  /// the clock of these verbs, which must outlive them. Collective over the group.
  virtual std::unique_ptr<Verbs> split(std::uint32_t colour) = 0;

  /// Lets the running sample's clock begin here instead of at the start line: t(K) - t(1) of a stream of messages.
  virtual void restart_clock() = 0;
};

/// What is timed, on one rank: an experiment's buffers and body for one case.
class Trial {
 public:
  virtual ~Trial() = default;
  /// Sets of buffers that the operations take in turn.
  virtual std::uint32_t sets() const { return 1; }
  /// Called before every sample, outside the timed region: restores inputs that the operation overwrites.
  virtual void refill() = 0;
  /// The timed region: `operations` operations back to back, on the trial's sets of buffers in turn.
  virtual void run(std::uint32_t operations) = 0;
  /// Poisons what the operation writes, so that count_wrong() cannot be satisfied by an earlier one.
  virtual void poison() = 0;
  /// Elements of the results of the operations since poison() that are wrong on this rank.
  virtual std::uint64_t count_wrong() = 0;
};

/// Samples as the link takes them; on the group's rank 0, empty elsewhere.
struct Batch {
  std::vector<double> elapsed;    ///< raw clock differences [sample][column], s, row-major
  std::vector<double> enqueue_s;  ///< [sample]: host time to queue the sample's operations, max over ranks; or empty
  std::vector<double> host_s;     ///< [sample]: host time from the start line (host mode: from queueing) to completion,
                                  ///< max over ranks; or empty
  std::uint64_t gate_timeouts = 0;
};

/// The group of one case, joined on a transport, with the timer that fits it; of concurrent groups, all of them.
/// Collective members are called by every rank that joined.
class Link {
 public:
  virtual ~Link() = default;
  /// The verbs of this rank; null when no transfer takes place at all (a simulation), so that there is nothing to run
  /// and no result to verify.
  virtual Verbs* verbs() = 0;
  /// Columns of a sample: the ranks of all concurrent groups, group after group.
  virtual std::uint32_t columns() const = 0;

  /// Smallest non-zero step of the clock.
  virtual Seconds clock_step() const = 0;
  /// Median of two clock readings with nothing between.
  virtual Seconds clock_floor() const = 0;

  /// Takes `count` samples of `operations` operations each: refill, start line, clock, run, clock. `trial` is null
  /// exactly when verbs() is. `gated` is false while warming up: connecting behind a closed gate can deadlock.
  /// Collective.
  virtual Batch take(std::uint32_t count, Trial* trial, std::uint32_t operations, bool gated) = 0;

  /// Runs one untimed operation and tells what the library made of it. After warm-up; the same on every rank.
  /// Collective.
  virtual Observation observe(Trial* trial) = 0;
  /// What carries the bytes, as far as the transport can tell; Fabric::unknown when it cannot. After observe().
  virtual Fabric observed_fabric() const = 0;
  /// What the transport has to remark on the point: network_path. After observe().
  virtual Flags remarks() const { return {}; }
  /// State of the group's devices now. Collective.
  virtual DeviceState device_state() = 0;

  virtual bool is_root() const = 0;
  /// Rank 0's number on every rank. Collective; between samples only.
  virtual std::uint64_t broadcast(std::uint64_t number) = 0;
  /// Sum over all ranks that joined. Collective.
  virtual std::uint64_t sum(std::uint64_t value) = 0;

  /// Ends the link in good order; one that is destroyed without it is torn down at once (communicators are aborted).
  /// Collective.
  virtual void finish() = 0;
};

/// A way to move bytes between ranks.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual World world() const = 0;
  /// Remarks that hold for every point: simulated, oversubscribed, shared_gpu, emulated.
  virtual Flags flags() const { return {}; }
  /// Last-level cache of the memory that buffers lie in; 0 B when it is not known.
  virtual Bytes cache_size() const { return {}; }
  /// Memory that one rank needs for a case here, with what the library rounds its buffers up to.
  virtual Bytes memory_for(const Case& point) const { return memory_per_rank(point, cache_size()); }
  /// What the user should know before measuring, a line each; the same on every rank.
  virtual std::vector<std::string> warnings() const { return {}; }
  /// What the transport knows about devices, networks and library versions; on rank 0.
  virtual Provenance facts() const { return {}; }

  /// Why this transport cannot run a case here; nothing when it can. The same on every rank.
  virtual std::optional<std::string> refusal(const Case& point) const = 0;

  /// Tells the cases that may be joined, before the first join(). The same on every rank.
  virtual void expect(const std::vector<Case>& /*points*/) {}

  /// Joins the ranks of the case's group, or of all its concurrent groups (slots_of_copy()); empty on ranks that stay
  /// outside. The first rank of the first copy is the root. Collective over the world. Throws CannotRun, as the verbs
  /// and the link do, for what the library turns out not to have.
  virtual std::unique_ptr<Link> join(const Case& point) = 0;

  /// Drops what is kept for the case's group, after CannotRun. Every rank of the world calls it, after the link is
  /// gone.
  virtual void forget(const Case& /*point*/) {}
  /// Ends connections in good order, after the last link. Collective over the world.
  virtual void finish() {}
  /// Tears everything down at once, so that work that waits for other ranks ends. May be called from another thread
  /// while the main thread is blocked, and more than once.
  virtual void abort() noexcept {}
};

}  // namespace hockney::transport
