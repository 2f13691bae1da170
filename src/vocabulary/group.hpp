#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace hockney::inline vocabulary {

/// Who takes part in an operation.
struct Group {
  std::uint32_t ranks = 2;           ///< ranks in one group
  std::uint32_t ranks_per_node = 2;  ///< how many of them share a node; 0: not known
  std::uint32_t stride = 1;          ///< distance in world ranks between neighbours of the group
  std::uint32_t concurrent = 1;      ///< equal groups that run at the same time
  std::uint32_t first = 0;           ///< slot of the first copy's first rank: which of many equal groups this is

  friend auto operator<=>(const Group&, const Group&) = default;

  /// Whether it is known how the ranks lie on nodes. A log may tell times and ranks and not this.
  constexpr bool is_placed() const { return ranks_per_node != 0; }

  /// Nodes that one group spans, ranks / ranks_per_node rounded up; 0 where that is not known.
  constexpr std::uint32_t nodes() const { return is_placed() ? (ranks + ranks_per_node - 1) / ranks_per_node : 0; }

  /// Of groups that span nodes: how many of the concurrent ones are on the same nodes. `stride` copies lie side by
  /// side, the others on other nodes (slots_of_copy()).
  constexpr std::uint32_t on_same_nodes() const { return std::min(concurrent, stride); }
};

/// Members of one of the group's `concurrent` copies, in group order, as slots: slot s is the s-th rank when ranks are
/// ordered by node and then by local rank (slots_of()). Copy c begins at slot first + (c / stride) * ranks * stride +
/// c % stride, and its neighbours are `stride` slots apart: stride 1 gives blocks of one node, stride = ranks per node
/// gives rails.
std::vector<std::uint32_t> slots_of_copy(const Group& group, std::uint32_t copy);

/// "8 ranks (8 per node)", "16 ranks, placement unknown"; stride and concurrency are added where they are not 1,
/// the first slot where it is not 0.
std::string to_string(const Group& group);

/// The same with the nodes that hold the ranks, which may be more than nodes(): "8 ranks (8 per node) on 1 node".
std::string to_string(const Group& group, std::uint32_t nodes);

}  // namespace hockney::inline vocabulary
