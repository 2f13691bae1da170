#pragma once

#include <tuple>

#include "base/fields.hpp"
#include "vocabulary/group.hpp"

namespace hockney::inline vocabulary {

/// Named as launch files and cost models have them.
inline constexpr std::tuple group_fields{
    field<&Group::ranks>("ranks", "1", "ranks in one group"),
    field<&Group::ranks_per_node>("ranks_per_node", "1", "ranks of the group per node; 0: not known"),
    field<&Group::stride>("stride", "1", "distance in world ranks between neighbours"),
    field<&Group::concurrent>("concurrent", "1", "equal groups at the same time"),
    field<&Group::first>("first_slot", "1", "slot of the first rank, by node and then local rank").since(4),
};

constexpr const auto& fields_of(const Group&) { return group_fields; }

}  // namespace hockney::inline vocabulary
