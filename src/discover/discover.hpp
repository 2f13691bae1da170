#pragma once

#include <map>
#include <string>
#include <vector>

#include "mpi/communicator.hpp"
#include "topology/placement.hpp"

namespace hockney {

/// Where every rank runs: host, index on the host, CPU binding and NUMA node (hwloc). The same vector, in rank order,
/// on every rank. Collective: every rank of `world`.
std::vector<Placement> discover_placements(const mpi::Communicator& world);

/// Ranks that share one host, at most, over all hosts. At least 1.
std::uint32_t ranks_per_node(const std::vector<Placement>& placements);

/// Different hosts.
std::uint32_t count_nodes(const std::vector<Placement>& placements);

/// Whether on some host the ranks outnumber the logical CPUs that they may run on: a collective then waits for the
/// scheduler, and its time says nothing about the fabric.
bool is_oversubscribed(const std::vector<Placement>& placements);

/// CPU model, kernel, caches and memory of this host, as text pairs for the provenance ("cpu.model" -> ...).
std::map<std::string, std::string> describe_host();

}  // namespace hockney
