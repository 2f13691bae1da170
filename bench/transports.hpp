#pragma once

#include <memory>
#include <vector>

#include "mpi/communicator.hpp"
#include "options.hpp"
#include "transport/transport.hpp"
#include "vocabulary/placement.hpp"
#include "watchdog/watchdog.hpp"

namespace hockney::bench {

/// Whether this program was built with CUDA and NCCL.
bool has_nccl();

/// The transport that the options ask for. `seed` is for scripted noise. Collective; throws mpi::AgreedError where it
/// cannot run. Over NCCL, the GPU of every rank is written into `placements`.
std::unique_ptr<transport::Transport> make_transport(const mpi::Communicator& world, const Options& options,
                                                     std::uint64_t seed, std::vector<Placement>& placements,
                                                     watchdog::Watchdog& watchdog);

}  // namespace hockney::bench
