#pragma once

#include <string>
#include <vector>

#include "plan/plan.hpp"

namespace hockney::inline plan {

/// The groups of a kind in a world, or why the world does not have them.
struct FoundGroup {
  Group group;
  std::string missing;  ///< the reason; empty: the group exists
};

/// `ranks` of 0: as many as the kind has; two for pairs. Of a group with several equal disjoint copies in this world,
/// the first `at_once` run at the same time; all_at_once: all of them.
FoundGroup find_group(const World& world, GroupKind kind, std::uint32_t ranks, std::uint32_t at_once);

/// Groups of `ranks_per_node` ranks on each of `nodes` nodes; 0 of either: all. Over several nodes they are every
/// (ranks of a node / ranks_per_node)-th rank, as Megatron-LM lays the data-parallel groups of that tensor-parallel
/// size.
FoundGroup find_group_by_shape(const World& world, std::uint32_t nodes, std::uint32_t ranks_per_node,
                               std::uint32_t at_once);

/// The first rank of a node and the first of another, for every two nodes.
std::vector<FoundGroup> pairs_of_nodes(const World& world);

/// The numbers of nodes that every_doubling stands for in a world: 2, 4, 8 ... below its nodes, and its nodes; 2 where
/// it has one.
std::vector<std::uint32_t> doublings(const World& world);

}  // namespace hockney::inline plan
