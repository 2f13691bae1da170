#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hockney::inline vocabulary {

/// Where one rank runs. Fields that could not be found out are -1 or empty, and printed as such.
struct Placement {
  int rank = 0;
  std::string host;
  int local_rank = 0;    ///< index among the ranks of this host
  int numa_node = -1;    ///< NUMA node of the rank's CPU binding; -1 when it spans several
  int cpus_allowed = 0;  ///< logical CPUs that the rank may run on
  int host_cpus = 0;     ///< logical CPUs that the ranks of this host may run on together
  std::string gpu;       ///< GPU UUID; empty for host memory
};

/// Ranks that share one host, at most, over all hosts. At least 1.
std::uint32_t ranks_per_node(const std::vector<Placement>& placements);

/// Whether every host has the same number of ranks: groups by node and rail need it.
bool is_uniform(const std::vector<Placement>& placements);

/// World rank of every slot: ranks ordered by host (in the order of each host's lowest rank), then by local rank. So a
/// launcher that deals ranks out in turns gives the same groups as one that fills node after node.
std::vector<int> slots_of(const std::vector<Placement>& placements);

/// Different hosts.
std::uint32_t count_nodes(const std::vector<Placement>& placements);

/// Whether on some host the ranks outnumber the logical CPUs that they may run on: a collective then waits for the
/// scheduler, and its time says nothing about the fabric.
bool is_oversubscribed(const std::vector<Placement>& placements);

}  // namespace hockney::inline vocabulary
