#pragma once

#include <memory>
#include <vector>

#include "transport/transport.hpp"
#include "vocabulary/placement.hpp"
#include "watchdog/watchdog.hpp"

namespace hockney::mpi {
class Communicator;
}

namespace hockney::transport::host {

/// Host memory moved by MPI, timed on the host clock: barrier, CLOCK_MONOTONIC_RAW, operations, clock. `world` and
/// `watchdog` must outlive the transport. Between ranks of one host the observed fabric is host_memory; between hosts
/// it is `between_hosts`: MPI does not tell, so it is known only where there is one way, Fabric::tcp. Cases that need
/// more memory than is free on a node when the transport is made are refused. Collective: every rank of `world`.
std::unique_ptr<Transport> make_mpi_transport(const mpi::Communicator& world, const std::vector<Placement>& placements,
                                              watchdog::Watchdog& watchdog, Fabric between_hosts = Fabric::unknown);

}  // namespace hockney::transport::host
