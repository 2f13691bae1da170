#pragma once

#include <vector>

#include "vocabulary/group.hpp"

namespace hockney::inline vocabulary {

/// World ranks of all concurrent copies of a group, copy after copy, each in group order. `slots`: the world rank of
/// every slot (slots_of()). Throws std::out_of_range when the group needs more slots than there are.
std::vector<int> ranks_of(const Group& group, const std::vector<int>& slots);

}  // namespace hockney::inline vocabulary
