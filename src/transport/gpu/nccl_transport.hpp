#pragma once

#include <memory>
#include <vector>

#include "mpi/communicator.hpp"
#include "transport/transport.hpp"
#include "vocabulary/placement.hpp"
#include "watchdog/watchdog.hpp"

namespace hockney::transport::gpu {

/// How a launch uses its GPUs.
struct GpuOptions {
  bool share_gpu = false;      ///< ranks may share a GPU: functional runs, every point is flagged shared_gpu
  bool force_network = false;  ///< ranks of one node talk through the network too (NCCL reads this once per process)
};

/// Moves GPU memory through NCCL, one rank per GPU, timed by CUDA events (docs/measuring.md). Chooses the rank's
/// GPU and writes its UUID into every rank's `placements`. Collective over `world`; both references must outlive the
/// transport. Throws mpi::AgreedError (bad input) where there is no driver, no GPU, fewer GPUs than ranks on a node, a
/// driver or an NCCL that is too old.
std::unique_ptr<Transport> make_nccl_transport(const mpi::Communicator& world, std::vector<Placement>& placements,
                                               const GpuOptions& options, watchdog::Watchdog& watchdog);

}  // namespace hockney::transport::gpu
