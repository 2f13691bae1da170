#pragma once

#include <map>
#include <string>
#include <vector>

#include "mpi/communicator.hpp"
#include "vocabulary/placement.hpp"

namespace hockney::topology {

/// Where every rank runs: host, index on the host, CPU binding and NUMA node (hwloc). The same vector, in rank order,
/// on every rank. Collective: every rank of `world`.
std::vector<Placement> discover_placements(const mpi::Communicator& world);

/// CPU model, kernel, caches and memory of this host, as text pairs for the provenance ("cpu.model" -> ...).
std::map<std::string, std::string> describe_host();

}  // namespace hockney::topology
