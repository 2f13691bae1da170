#pragma once

#include <cstdint>
#include <optional>

#include "vocabulary/group.hpp"

namespace hockney::inline vocabulary {

/// `ranks` laid out on `nodes`, or `ranks_per_node` of them on each, whichever is stated; a group that is not placed
/// when neither is. Throws InputError, whose message is the reason to refuse, for one rank, and when they contradict
/// each other.
Group group_on_nodes(std::uint32_t ranks, std::optional<std::uint32_t> nodes,
                     std::optional<std::uint32_t> ranks_per_node);

}  // namespace hockney::inline vocabulary
