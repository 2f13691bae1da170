#pragma once

#include <string>

#include "plan/plan.hpp"

namespace hockney::inline plan {

/// The groups of a kind in a world, or why the world does not have them.
struct FoundGroup {
  Group group;
  std::string missing;  ///< the reason; empty: the group exists
};

/// `ranks` of 0: as many as the kind has; two for pairs. Of a group with several equal disjoint copies in this world,
/// `all_at_once` makes them run at the same time.
FoundGroup find_group(const World& world, GroupKind kind, std::uint32_t ranks, bool all_at_once);

}  // namespace hockney::inline plan
