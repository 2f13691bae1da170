#include "transport/host/mpi_transport.hpp"

#include <algorithm>
#include <climits>
#include <fmt/format.h>

#include "base/error.hpp"
#include "mpi/communicator.hpp"
#include "plan/replay.hpp"
#include "transport/host/host_blas.hpp"
#include "transport/host/host_memory.hpp"
#include "transport/host/mpi_verbs.hpp"
#include "transport/host_clock.hpp"
#include "vocabulary/members.hpp"
#include "watchdog/waiting.hpp"

namespace hockney::transport::host {
namespace {

struct Clock {
  Seconds step;
  Seconds floor;
};

class MpiLink final : public Link {
 public:
  MpiLink(mpi::Communicator joined, MpiVerbs verbs, Fabric observed, bool is_product, Clock clock,
          watchdog::Watchdog& watchdog)
      : joined_(std::move(joined)),
        verbs_(std::move(verbs)),
        observed_(observed),
        is_product_(is_product),
        clock_(clock),
        watchdog_(watchdog) {}

  Verbs* verbs() override { return &verbs_; }
  std::uint32_t columns() const override { return static_cast<std::uint32_t>(joined_.size()); }
  Seconds clock_step() const override { return clock_.step; }
  Seconds clock_floor() const override { return clock_.floor; }

  Batch take(std::uint32_t count, Trial* trial, std::uint32_t operations, bool) override {
    std::vector<double> mine(count);
    for (double& elapsed : mine) {
      trial->refill();
      const watchdog::WaitingForRanks waiting(watchdog_);
      joined_.barrier();
      verbs_.restart_clock();
      trial->run(operations);
      elapsed = host_clock_s() - verbs_.sample_began_s();
    }
    const watchdog::WaitingForRanks waiting(watchdog_);
    Batch batch;
    batch.elapsed = joined_.gather_columns(mine);
    return batch;
  }

  // MPI tells nothing, whatever runs; what multiplies is told.
  Observation observe(Trial*) override {
    Observation observation;
    observation.algorithm = is_product_ ? host_blas::description().value_or("") : "";
    return observation;
  }
  Fabric observed_fabric() const override { return observed_; }
  DeviceState device_state() override { return {}; }

  bool is_root() const override { return joined_.is_root(); }
  std::uint64_t broadcast(std::uint64_t number) override {
    const watchdog::WaitingForRanks waiting(watchdog_);
    return joined_.broadcast(number);
  }
  std::uint64_t sum(std::uint64_t value) override {
    const watchdog::WaitingForRanks waiting(watchdog_);
    return joined_.sum(value);
  }
  void finish() override {}  // communicators are freed with the link

 private:
  mpi::Communicator joined_;
  MpiVerbs verbs_;
  Fabric observed_;
  bool is_product_;
  Clock clock_;
  watchdog::Watchdog& watchdog_;
};

/// What MPI itself cannot do, on any machine.
std::optional<std::string> why_not_by_mpi(const Case& point) {
  if (is_intra_node(point.fabric) && point.fabric != Fabric::host_memory) {
    return fmt::format("the mpi transport moves host memory, not {}", name_of(point.fabric));
  }
  if (point.mode == Mode::isolated || point.mode == Mode::graph) {
    return fmt::format("mode {} needs a GPU; the mpi transport has the modes host and stream", name_of(point.mode));
  }
  if (point.buffers != Buffers::plain) {
    return fmt::format("buffers of kind {} are GPU memory; the mpi transport has plain ones", name_of(point.buffers));
  }
  if (point.native) {
    return "native is NCCL's own call in place of sends; over MPI its own call is always measured";
  }
  if (!point.algorithm.empty() || !point.protocol.empty()) {
    return "the mpi transport cannot choose MPI's algorithm or protocol";
  }
  if (point.operation == Operation::matmul) {
    return host_blas::refusal(point.element);
  }
  if (size_of(point.element) == Bytes{1} && point.element != Element::int8 && point.element != Element::uint8) {
    return fmt::format("MPI has no {}", name_of(point.element));
  }
  const bool reduces = is_reduction(point.operation) || point.operation == Operation::step_replay;
  if (reduces) {
    if (point.element == Element::float16 || point.element == Element::bfloat16) {
      return fmt::format("MPI has no reduction of {}", name_of(point.element));
    }
    if (point.reduction() == Reduction::avg) {
      return "MPI has no average";
    }
    if (point.operation == Operation::step_replay &&
        point.step().mapping.gradient_bytes != size_of(Element::float32).count) {
      return "MPI has no reduction of bfloat16 gradients; set gradient_element = \"float32\"";
    }
  }
  return std::nullopt;
}

/// The longest buffer of a case, in the units that MPI counts it in.
std::uint64_t longest_count(const Case& point) {
  if (point.operation == Operation::step_replay) {
    return longest_message(point).count;
  }
  if (point.operation == Operation::matmul) {
    return 0;
  }
  if (is_point_to_point(point.operation)) {
    return point.payload.count;
  }
  const std::uint64_t elements = point.payload.count / size_of(point.element).count;
  if (point.operation != Operation::all_to_all_v) {
    return elements;
  }
  return std::max(elements, fullest_ranks(point.routing(), elements, point.group.ranks).received);
}

class MpiTransport final : public Transport {
 public:
  MpiTransport(const mpi::Communicator& world, const std::vector<Placement>& placements, watchdog::Watchdog& watchdog,
               Fabric between_hosts)
      : world_(world),
        placements_(placements),
        slots_(slots_of(placements)),
        watchdog_(watchdog),
        between_hosts_(between_hosts),
        clock_{measure_host_clock_step(), measure_host_clock_floor()},
        memory_per_node_(world.smallest(available_host_memory().count)),
        cache_size_(world.largest(host_cache_size().count)) {
    if (slots_.front() != 0) {
      throw Failure("rank 0 is not the first of its host's ranks");
    }
  }

  World world() const override {
    World world;
    world.transport = TransportKind::mpi;
    world.ranks = static_cast<std::uint32_t>(world_.size());
    world.ranks_per_node = ranks_per_node(placements_);
    world.nodes = count_nodes(placements_);
    world.uniform = is_uniform(placements_);
    world.inter_node = between_hosts_;
    return world;
  }

  Flags flags() const override {
    Flags flags;
    flags.set(Flag::oversubscribed, is_oversubscribed(placements_));
    return flags;
  }

  Bytes cache_size() const override { return cache_size_; }

  std::optional<std::string> refusal(const Case& point) const override {
    for (auto reason : {why_not_replayed(point), why_not_by_mpi(point)}) {
      if (reason) {
        return reason;
      }
    }
    const std::uint32_t on_one_node =
        std::min(point.group.ranks_per_node * point.group.concurrent, ranks_per_node(placements_));
    const Bytes wanted = memory_per_rank(point, cache_size_) * on_one_node;
    if (wanted > memory_per_node_) {
      return fmt::format("needs {} of memory on a node, and {} are free", to_string(wanted),
                         to_string(memory_per_node_));
    }
    if (longest_count(point) > static_cast<std::uint64_t>(INT_MAX)) {
      return fmt::format("{} is more than MPI's int counts hold", to_string(point.payload));
    }
    return std::nullopt;
  }

  std::unique_ptr<Link> join(const Case& point) override {
    const watchdog::WaitingForRanks waiting(watchdog_);
    const std::vector<int> members = ranks_of(point.group, slots_);
    auto joined = world_.among(members);
    if (!joined) {
      return nullptr;
    }
    const std::uint32_t copy = static_cast<std::uint32_t>(joined->rank()) / point.group.ranks;
    MpiVerbs verbs(joined->split(static_cast<int>(copy), joined->rank()), copy, cache_size_);
    return std::make_unique<MpiLink>(std::move(*joined), std::move(verbs), fabric_among(members, point.group.ranks),
                                     point.operation == Operation::matmul, clock_, watchdog_);
  }

 private:
  Fabric fabric_among(const std::vector<int>& members, std::uint32_t ranks) const {
    const auto host_of = [&](std::size_t member) -> const std::string& {
      return placements_[static_cast<std::size_t>(members[member])].host;
    };
    for (std::size_t member = 0; member < members.size(); ++member) {
      if (host_of(member) != host_of(member / ranks * ranks)) {
        return between_hosts_;
      }
    }
    return Fabric::host_memory;
  }

  const mpi::Communicator& world_;
  std::vector<Placement> placements_;
  std::vector<int> slots_;
  watchdog::Watchdog& watchdog_;
  Fabric between_hosts_;
  Clock clock_;
  Bytes memory_per_node_;  ///< free on the node that has least; the same on every rank
  Bytes cache_size_;       ///< of the node that has most; the same on every rank
};

}  // namespace

std::unique_ptr<Transport> make_mpi_transport(const mpi::Communicator& world, const std::vector<Placement>& placements,
                                              watchdog::Watchdog& watchdog, Fabric between_hosts) {
  return std::make_unique<MpiTransport>(world, placements, watchdog, between_hosts);
}

}  // namespace hockney::transport::host
