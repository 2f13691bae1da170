#include "transport/gpu/nccl_group.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <thread>

#include "nccl/error.hpp"
#include "watchdog/waiting.hpp"

namespace hockney::transport::gpu {
namespace {

// Before NCCL connects: a rank without memory must not leave the others waiting.
cuda::DeviceBuffer allocate_together(const mpi::Communicator& joined, Bytes size) {
  std::optional<cuda::DeviceBuffer> buffer;
  joined.everywhere([&] { buffer.emplace(size); });
  return std::move(*buffer);
}

}  // namespace

NcclGroup::NcclGroup(mpi::Communicator joined, std::uint32_t ranks, nccl::Settings pins, GpuSession& session,
                     const cuda::Stream& stream, watchdog::Watchdog& watchdog)
    : joined_(std::move(joined)),
      copy_(static_cast<std::uint32_t>(joined_.rank()) / ranks),
      pins_(std::move(pins)),
      session_(session),
      stream_(stream),
      watchdog_(watchdog),
      align_(allocate_together(joined_, Bytes{sizeof(float)})) {
  watchdog_.waits_for("NCCL, which connects the ranks");
  cuda::fill_bytes(stream_, align_.bytes(), 0);
  session_.read_debug_log();  // what other groups connected since they were last asked
  const bool of_its_own = static_cast<std::uint32_t>(joined_.size()) > ranks || !pins_.empty();
  all_ = std::make_unique<nccl::Communicator>(joined_, nccl::Settings{});
  cuda::Event aligned;
  queue_align();
  aligned.record(stream_);
  wait_for(aligned);
  if (of_its_own) {
    const watchdog::Waiting connecting(watchdog_, "NCCL, which connects the ranks");
    session_.read_debug_log();  // those of the start line's communicator
    own_ = all_->split(static_cast<int>(copy_), joined_.rank(), pins_);
  }
}

const nccl::Communicator& NcclGroup::part(std::uint32_t colour) {
  const watchdog::Waiting connecting(watchdog_, "NCCL, which connects the ranks");
  const std::string key = fmt::format("{}", fmt::join(joined_.all_gather(std::to_string(colour)), ","));
  const auto found = parts_.find(key);
  if (found != parts_.end()) {
    return *found->second;
  }
  auto made = own().split(static_cast<int>(colour), static_cast<int>(own().rank()), pins_);
  const std::lock_guard lock(parts_mutex_);
  return *(parts_[key] = std::move(made));
}

void NcclGroup::queue_align() {
  auto* value = reinterpret_cast<float*>(align_.bytes().data());
  nccl::check(ncclAllReduce(value, value, 1, ncclFloat32, ncclSum, all_->get(), stream_.get()), *all_);
}

void NcclGroup::poll() const {
  all_->poll();
  if (own_) {
    own_->poll();
  }
  for (const auto& [key, part] : parts_) {
    part->poll();
  }
}

void NcclGroup::wait_for(const cuda::Event& event) const {
  const watchdog::Waiting waiting(watchdog_, "its GPU");
  constexpr int looks_per_poll = 256;
  for (int look = 1; !event.is_done(); ++look) {
    if (look % looks_per_poll == 0) {
      poll();
      std::this_thread::yield();  // the GPU's clock measures: a late look costs nothing
    }
  }
  poll();  // work that was aborted ends too
}

std::optional<nccl::Label> NcclGroup::read_log() {
  GpuSession::Told told = session_.read_debug_log();
  connections_.insert(told.connections.begin(), told.connections.end());
  return std::move(told.label);
}

void NcclGroup::finish() {
  watchdog_.waits_for("NCCL, which disconnects the ranks");
  for (const auto& [key, part] : parts_) {
    part->finish();
  }
  if (own_) {
    own_->finish();
  }
  all_->finish();
}

void NcclGroup::abort() noexcept {
  const std::lock_guard lock(parts_mutex_);
  for (const auto& [key, part] : parts_) {
    part->abort();
  }
  if (own_) {
    own_->abort();
  }
  if (all_) {
    all_->abort();
  }
}

}  // namespace hockney::transport::gpu
