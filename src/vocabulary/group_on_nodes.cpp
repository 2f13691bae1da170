#include "vocabulary/group_on_nodes.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/error.hpp"

namespace hockney::inline vocabulary {

Group group_on_nodes(std::uint32_t ranks, std::optional<std::uint32_t> nodes,
                     std::optional<std::uint32_t> ranks_per_node) {
  if (ranks < 2) {
    throw InputError("one rank: nothing is communicated");
  }
  if (!nodes && !ranks_per_node) {
    return {.ranks = ranks, .ranks_per_node = 0};
  }
  if (nodes && (*nodes == 0 || *nodes > ranks)) {
    throw InputError(fmt::format("{} ranks on {} nodes cannot be", ranks, *nodes));
  }
  Group group;
  group.ranks = ranks;
  group.ranks_per_node = ranks_per_node ? std::min(*ranks_per_node, ranks) : (ranks + *nodes - 1) / *nodes;
  if (group.ranks_per_node == 0 || (nodes && ranks_per_node && group.nodes() != *nodes)) {
    throw InputError(
        fmt::format("{} ranks, {} per node, on {} nodes cannot be", ranks, *ranks_per_node, nodes.value_or(0)));
  }
  return group;
}

}  // namespace hockney::inline vocabulary
