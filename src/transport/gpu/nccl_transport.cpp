#include "transport/gpu/nccl_transport.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <list>
#include <mutex>

#include "base/error.hpp"
#include "transport/gpu/gpu_session.hpp"
#include "transport/gpu/nccl_link.hpp"
#include "transport/gpu/refusal.hpp"
#include "vocabulary/members.hpp"

namespace hockney::transport::gpu {
namespace {

class NcclTransport final : public Transport {
 public:
  NcclTransport(const mpi::Communicator& world, std::vector<Placement>& placements, const GpuOptions& options,
                watchdog::Watchdog& watchdog)
      : world_(world),
        watchdog_(watchdog),
        session_(world, placements, options),
        ranks_per_node_(hockney::ranks_per_node(placements)),
        nodes_(count_nodes(placements)),
        uniform_(is_uniform(placements)),
        slots_(slots_of(placements)),
        clock_(EventClock::measure(stream_)) {}

  World world() const override {
    return {.transport = TransportKind::nccl,
            .ranks = static_cast<std::uint32_t>(world_.size()),
            .ranks_per_node = ranks_per_node_,
            .nodes = nodes_,
            .uniform = uniform_,
            .intra_node = session_.intra_node(),
            .inter_node = session_.inter_node(),
            .default_mode = Mode::isolated,
            .default_cache = Cache::rotate};
  }

  Flags flags() const override {
    Flags flags;
    flags.set(Flag::shared_gpu, session_.is_shared());
    flags.set(Flag::emulated, session_.is_emulated());
    return flags;
  }

  std::vector<std::string> warnings() const override { return session_.warnings(); }

  Bytes cache_size() const override { return session_.device().l2_cache; }
  Provenance facts() const override { return session_.facts(); }

  void expect(const std::vector<Case>& points) override { session_.expect(points); }

  std::optional<std::string> refusal(const Case& point) const override {
    if (point.operation == Operation::matmul && session_.is_emulated()) {
      return "the test double of CUDA has no cuBLASLt";
    }
    return why_not_on_gpu(point, abilities());
  }

  Bytes memory_for(const Case& point) const override { return memory_on_gpu(point, abilities()); }

  std::unique_ptr<Link> join(const Case& point) override {
    const std::shared_ptr<NcclGroup> group = group_of(point);
    if (!group) {
      return nullptr;
    }
    return std::make_unique<NcclLink>(group, point, session_, stream_, clock_, watchdog_);
  }

  void finish() override {
    while (!kept_.empty()) {
      drop_oldest();
    }
  }

  void forget(const Case& point) override {
    const std::lock_guard lock(mutex_);
    kept_.remove_if([&](const Kept& kept) { return kept.shape == point.group; });
  }

  void abort() noexcept override {
    const std::lock_guard lock(mutex_);
    for (const Kept& kept : kept_) {
      if (kept.group) {
        kept.group->abort();
      }
    }
  }

 private:
  /// A group shape with a pinning, and its communicators on the ranks that take part. Every rank of the world keeps the
  /// same list in the same order, so that groups are made and dropped together.
  struct Kept {
    Group shape;
    nccl::Settings pins;
    bool messages;  ///< for operations built from messages, which make connections of their own
    std::shared_ptr<NcclGroup> group;
  };

  // Each communicator holds GPU memory of its own.
  static constexpr std::size_t most_kept = 12;

  GpuAbilities abilities() const {
    return {.nccl_version = session_.nccl_version(),
            .compute_capability = 10 * session_.device().compute_major + session_.device().compute_minor,
            .usable_memory = session_.usable_memory(),
            .cache_size = cache_size(),
            .allocation_step = session_.allocation_step(),
            .forces_network = session_.forces_network(),
            .shares_gpu = session_.is_shared()};
  }

  std::shared_ptr<NcclGroup> group_of(const Case& point) {
    const nccl::Settings pins =
        nccl::pin_settings(session_.nccl_version(), point.operation, point.algorithm, point.protocol);
    const bool messages = !nccl::has_algorithm(point.operation);
    const auto found = std::find_if(kept_.begin(), kept_.end(), [&](const Kept& kept) {
      return kept.shape == point.group && kept.pins == pins && kept.messages == messages;
    });
    if (found != kept_.end()) {
      const std::lock_guard lock(mutex_);
      kept_.splice(kept_.begin(), kept_, found);
      return kept_.front().group;
    }
    if (kept_.size() == most_kept) {
      drop_oldest();
    }
    auto group = connect(point.group, pins);
    const std::lock_guard lock(mutex_);
    kept_.push_front({point.group, pins, messages, std::move(group)});
    return kept_.front().group;
  }

  std::shared_ptr<NcclGroup> connect(const Group& shape, const nccl::Settings& pins) {
    auto joined = world_.among(ranks_of(shape, slots_));
    if (!joined) {
      return nullptr;
    }
    return std::make_shared<NcclGroup>(std::move(*joined), shape.ranks, pins, session_, stream_, watchdog_);
  }

  void drop_oldest() {
    if (kept_.back().group) {
      kept_.back().group->finish();
    }
    const std::lock_guard lock(mutex_);
    kept_.pop_back();
  }

  const mpi::Communicator& world_;
  watchdog::Watchdog& watchdog_;
  GpuSession session_;
  std::uint32_t ranks_per_node_;
  std::uint32_t nodes_;
  bool uniform_;
  std::vector<int> slots_;
  cuda::Stream stream_;
  EventClock clock_;
  std::mutex mutex_;  ///< of kept_'s links, never held while NCCL works: abort() comes from the watchdog's thread
  std::list<Kept> kept_;
};

}  // namespace

std::unique_ptr<Transport> make_nccl_transport(const mpi::Communicator& world, std::vector<Placement>& placements,
                                               const GpuOptions& options, watchdog::Watchdog& watchdog) {
  return std::make_unique<NcclTransport>(world, placements, options, watchdog);
}

}  // namespace hockney::transport::gpu
