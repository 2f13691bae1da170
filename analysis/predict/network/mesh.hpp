#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "vocabulary/group.hpp"
#include "vocabulary/operation.hpp"

namespace hockney::predict {

/// A node as it would be without a switch: each GPU has the same links, but they lead to its neighbours in a grid that
/// is closed in every direction, in equal numbers. Made for a comparison with a switch; nobody builds just this one.
class Mesh {
 public:
  /// `sizes` of the grid, each 2 or more: {8} is a ring, {2, 4} two rings side by side. GPU i lies at i in mixed radix,
  /// the last size fastest. Throws InputError otherwise, and for more than 64 GPUs.
  explicit Mesh(std::vector<std::uint32_t> sizes);

  std::uint32_t gpus() const;
  /// Of one GPU: two in each direction, one where the size is 2.
  std::uint32_t neighbours() const;
  std::string text() const;  ///< "2x4"

  /// How many times as long the wires are busy as behind a switch, 1 or more, when every group of this kind in the node
  /// works at once. Messages take shortest ways, one direction of the grid after the other; where two are equally
  /// short, half takes each.
  ///   point to point           each rank sends to the one a stride away
  ///   all_to_all, all_to_all_v each rank sends alike to all others of its group
  ///   others                   a ring in both directions at once, half the data each, in the order of its ranks that
  ///                            is best (groups of more than 8 ranks: in their own order)
  /// 1 for a group that is not in one node.
  double slowdown(Operation operation, const Group& group) const;

 private:
  enum class Traffic { pairs, all_pairs, ring };
  class Loads;

  double computed(Traffic traffic, std::uint32_t ranks, std::uint32_t stride) const;
  double of_ring(const std::vector<std::vector<std::uint32_t>>& groups) const;
  std::vector<std::vector<std::uint32_t>> groups_of(std::uint32_t ranks, std::uint32_t stride) const;

  std::vector<std::uint32_t> sizes_;
  mutable std::map<std::tuple<Traffic, std::uint32_t, std::uint32_t>, double> known_;  ///< slowdowns asked before
};

/// Reads "8" or "2x4". Throws InputError.
Mesh parse_mesh(std::string_view text);

}  // namespace hockney::predict
