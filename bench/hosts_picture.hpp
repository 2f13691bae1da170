#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "mpi/communicator.hpp"
#include "vocabulary/placement.hpp"

namespace hockney::bench {

/// The hosts of a launch, what each consists of (topology::picture_of) and where its ranks run. Hosts that are built
/// alike are described once, under all their names. `host_facts` holds what topology::describe_host() tells of this
/// rank's host. Collective; the same text on every rank.
std::string picture_of_hosts(const mpi::Communicator& world, const std::vector<Placement>& placements,
                             const std::map<std::string, std::string>& host_facts);

/// Of descriptions by host, in the order of the hosts: each different one once. Ends with '\n'.
std::string fold_alike(const std::vector<std::pair<std::string, std::string>>& by_host);

/// "8 ranks: CPUs 16 each; NUMA nodes 3 3 1 1 7 7 5 5": CPU binding of the ranks of one host, by local rank. A rank
/// that is not bound to one NUMA node has "-".
std::string ranks_text(const std::vector<Placement>& of_host);

}  // namespace hockney::bench
