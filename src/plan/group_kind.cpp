#include "plan/group_kind.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "plan/goes_with.hpp"

namespace hockney::inline plan {
namespace {

std::uint32_t nodes_of(const World& world) { return world.ranks / world.ranks_per_node; }

bool is_within_node(GroupKind kind) {
  return kind == GroupKind::node || kind == GroupKind::pair || kind == GroupKind::chain;
}

std::string why_not_side_by_side(const World& world, std::uint32_t ranks) {
  const std::uint32_t per_node = world.ranks_per_node;
  const bool fits = ranks <= per_node ? per_node % ranks == 0 : ranks % per_node == 0;
  if (!world.uniform) {
    return "groups at the same time need as many ranks on every node";
  }
  return fits ? "" : fmt::format("groups of {} ranks do not fit side by side on nodes of {} ranks", ranks, per_node);
}

// Why nobody can tell on how many nodes the first ranks of a world lie; empty when one can.
std::string why_no_known_shape(const World& world, const Group& group) {
  if (world.uniform || group.ranks == 1) {
    return "";
  }
  if (group.ranks < world.ranks) {
    return fmt::format("group 'world' of {} of {} ranks: the nodes have unequal numbers of ranks", group.ranks,
                       world.ranks);
  }
  return world.nodes == 0 || group.nodes() == world.nodes
             ? ""
             : fmt::format(
                   "group 'world' of {} ranks: {} nodes with unequal numbers of ranks, {} at most, cannot be "
                   "told as ranks per node",
                   group.ranks, world.nodes, world.ranks_per_node);
}

// The first `at_once` of the copies of a group.
void run_at_once(FoundGroup& found, std::uint32_t copies, std::uint32_t at_once) {
  found.group.concurrent = at_once == all_at_once ? copies : at_once;
  if (found.missing.empty() && found.group.concurrent > copies) {
    found.missing = fmt::format("{} groups at once: this run has {} side by side", at_once, copies);
  }
}

// Neighbouring ranks: on one node as long as it has enough.
FoundGroup block(const World& world, std::uint32_t ranks, std::uint32_t at_once) {
  FoundGroup found{{.ranks = ranks, .ranks_per_node = std::min(ranks, world.ranks_per_node)}, {}};
  found.missing = why_no_known_shape(world, found.group);
  const std::uint32_t copies = std::max(world.ranks / ranks, 1U);
  if (found.missing.empty() && at_once > 1) {
    found.missing = copies > 1 ? why_not_side_by_side(world, ranks) : "";
    run_at_once(found, copies, at_once);
  }
  return found;
}

FoundGroup within_node(const World& world, GroupKind kind, std::uint32_t ranks, std::uint32_t at_once) {
  if (!world.uniform || ranks > world.ranks_per_node) {
    return {{.ranks = ranks, .ranks_per_node = ranks},
            world.uniform
                ? fmt::format("group '{}' of {} ranks: the nodes have {}", name_of(kind), ranks, world.ranks_per_node)
                : fmt::format("group '{}': the nodes have unequal numbers of ranks", name_of(kind))};
  }
  return block(world, ranks, at_once);
}

// Disjoint groups of this shape, which spans whole rows of nodes.
std::uint32_t copies_of(const World& world, const Group& group) {
  return group.stride * (nodes_of(world) / group.nodes());
}

// One rank per node.
FoundGroup across_nodes(const World& world, GroupKind kind, std::uint32_t asked, std::uint32_t at_once) {
  const std::uint32_t stride = world.ranks_per_node;
  const std::uint32_t nodes = nodes_of(world);
  const std::uint32_t ranks = asked == 0 ? std::max(nodes, 2U) : asked;
  FoundGroup found{{.ranks = ranks, .ranks_per_node = 1, .stride = stride}, {}};
  if (!world.uniform) {
    found.missing = fmt::format("group '{}': the nodes have unequal numbers of ranks", name_of(kind));
  } else if (nodes < 2 || ranks > nodes) {
    found.missing =
        fmt::format("group '{}' needs {} nodes, and this run has {}", name_of(kind), std::max(ranks, 2U), nodes);
  } else {
    run_at_once(found, copies_of(world, found.group), at_once);
  }
  return found;
}

// Two ranks on neighbouring nodes that are not on one rail.
FoundGroup cross_rail(const World& world, std::uint32_t at_once) {
  FoundGroup found = across_nodes(world, GroupKind::cross_rail, 2, 1);
  found.group.stride = world.ranks_per_node + 1;
  if (found.missing.empty() && world.ranks_per_node < 2) {
    found.missing = "group 'cross_rail' needs 2 ranks on each node, and the nodes have 1";
  } else if (found.missing.empty() && at_once > 1) {
    found.missing = "group 'cross_rail' runs alone: its pairs do not lie side by side";
  }
  return found;
}

std::string why_no_shape(const World& world, std::uint32_t nodes, std::uint32_t per_node) {
  if (!world.uniform) {
    return "groups by nodes and ranks_per_node: the nodes have unequal numbers of ranks";
  }
  if (nodes > nodes_of(world)) {
    return fmt::format("a group on {} nodes needs {} nodes, and this run has {}", nodes, nodes, nodes_of(world));
  }
  const bool divides = per_node <= world.ranks_per_node && (nodes == 1 || world.ranks_per_node % per_node == 0);
  return divides ? "" : fmt::format("{} ranks on each node: the nodes have {}", per_node, world.ranks_per_node);
}

}  // namespace

FoundGroup find_group_by_shape(const World& world, std::uint32_t nodes, std::uint32_t ranks_per_node,
                               std::uint32_t at_once) {
  const std::uint32_t on_nodes = nodes == 0 ? nodes_of(world) : nodes;
  const std::uint32_t per_node = ranks_per_node == 0 ? world.ranks_per_node : ranks_per_node;
  FoundGroup found{{.ranks = on_nodes * per_node, .ranks_per_node = per_node}, why_no_shape(world, on_nodes, per_node)};
  if (!found.missing.empty()) {
    return found;
  }
  if (on_nodes == 1) {
    return block(world, per_node, at_once);
  }
  found.group.stride = world.ranks_per_node / per_node;
  run_at_once(found, copies_of(world, found.group), at_once);
  return found;
}

std::vector<FoundGroup> pairs_of_nodes(const World& world) {
  const FoundGroup neighbours = across_nodes(world, GroupKind::node_pair, 2, 1);
  if (!neighbours.missing.empty()) {
    return {neighbours};
  }
  std::vector<FoundGroup> pairs;
  for (std::uint32_t one = 0; one < nodes_of(world); ++one) {
    for (std::uint32_t other = one + 1; other < nodes_of(world); ++other) {
      Group& pair = pairs.emplace_back(neighbours).group;
      pair.first = one * world.ranks_per_node;
      pair.stride = (other - one) * world.ranks_per_node;
    }
  }
  return pairs;
}

std::vector<std::uint32_t> doublings(const World& world) {
  std::vector<std::uint32_t> counts;
  for (std::uint32_t count = 2; count < nodes_of(world); count *= 2) {
    counts.push_back(count);
  }
  counts.push_back(std::max(nodes_of(world), 2U));
  return counts;
}

FoundGroup find_group(const World& world, GroupKind kind, std::uint32_t ranks, std::uint32_t at_once) {
  const std::uint32_t asked = ranks == 0 && is_pair(kind) ? 2 : ranks;
  if (kind == GroupKind::world) {
    return block(world, asked == 0 ? world.ranks : asked, at_once);
  }
  if (kind == GroupKind::cross_rail) {
    return cross_rail(world, at_once);
  }
  if (is_within_node(kind)) {
    return within_node(world, kind, asked == 0 ? world.ranks_per_node : asked, at_once);
  }
  return across_nodes(world, kind, asked, at_once);
}

}  // namespace hockney::inline plan
