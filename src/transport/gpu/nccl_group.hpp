#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cuda/handles.hpp"
#include "mpi/communicator.hpp"
#include "nccl/communicator.hpp"
#include "transport/gpu/gpu_session.hpp"
#include "watchdog/watchdog.hpp"

namespace hockney::transport::gpu {

/// The communicators that the cases of one group shape and one pinning share: one over all ranks that take part (for
/// the start line, never pinned, so that all cases start alike) and this rank's own group. With one copy of the group
/// and no pins both are the same. They are kept from point
/// to point, since making them takes far longer than a sample.
class NcclGroup {
 public:
  /// Collective over the ranks that take part: `joined` holds them copy after copy, `ranks` of them in each.
  NcclGroup(mpi::Communicator joined, std::uint32_t ranks, nccl::Settings pins, GpuSession& session,
            const cuda::Stream& stream, watchdog::Watchdog& watchdog);

  const mpi::Communicator& joined() const { return joined_; }
  std::uint32_t copy() const { return copy_; }
  const nccl::Communicator& own() const { return own_ ? *own_ : *all_; }
  const nccl::Settings& pins() const { return pins_; }

  /// The ranks of this rank's own group that give the same colour, in order, as a communicator that is kept with the
  /// group. Collective over the ranks that take part.
  const nccl::Communicator& part(std::uint32_t colour);

  cuda::MatrixProducts& products() { return session_.products(); }

  /// Queues the all-reduce of one float among all ranks that take part: two GPUs leave it together to within about one
  /// small message.
  void queue_align();
  /// Throws when a communicator reports an asynchronous error.
  void poll() const;
  /// Waits until the stream has done what was queued; polls meanwhile.
  void wait_for(const cuda::Event& event) const;

  /// Reads what NCCL wrote to the debug log since the last time: adds to connections(); returns the label of the last
  /// collective that a TUNING line told of, if any did.
  std::optional<nccl::Label> read_log();
  /// What NCCL connected this rank to in its own group so far.
  const std::set<nccl::Connection>& connections() const { return connections_; }

  /// Collective over the ranks that take part.
  void finish();
  void abort() noexcept;

 private:
  mpi::Communicator joined_;
  std::uint32_t copy_;
  nccl::Settings pins_;
  GpuSession& session_;
  const cuda::Stream& stream_;
  watchdog::Watchdog& watchdog_;
  cuda::DeviceBuffer align_;
  std::unique_ptr<nccl::Communicator> all_;
  std::unique_ptr<nccl::Communicator> own_;
  std::map<std::string, std::unique_ptr<nccl::Communicator>> parts_;  ///< by the colours of all ranks
  std::mutex parts_mutex_;  ///< of parts_'s links: abort() comes from the watchdog's thread
  std::set<nccl::Connection> connections_;
};

}  // namespace hockney::transport::gpu
