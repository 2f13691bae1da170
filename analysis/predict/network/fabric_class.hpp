#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "base/names.hpp"
#include "plan/case.hpp"
#include "workload/group_placement.hpp"

namespace hockney::predict {

/// Whether a group lies inside a node or crosses nodes.
enum class FabricClass { intra_node, inter_node };

struct FabricClassNames {
  static constexpr std::string_view what = "fabric class";
  static constexpr std::array<NamedValue<FabricClass>, 2> table{
      {{FabricClass::intra_node, "intra_node"}, {FabricClass::inter_node, "inter_node"}}};
};
FabricClassNames names_of(FabricClass);

/// The class that a curve was measured on: its fabric's; where the fabric is unknown, inter_node if its group spans
/// more than one node. Nothing for one rank alone, which uses no fabric, and for a group that is not placed.
inline std::optional<FabricClass> fabric_class(const Case& shape) {
  if (shape.group.ranks < 2 || !shape.group.is_placed()) {
    return std::nullopt;
  }
  const bool inter = shape.fabric == Fabric::unknown ? shape.group.nodes() > 1 : is_inter_node(shape.fabric);
  return inter ? FabricClass::inter_node : FabricClass::intra_node;
}

/// The class that a placed group needs.
inline FabricClass fabric_class(const PlacedGroup& placed) {
  return placed.crosses_nodes() ? FabricClass::inter_node : FabricClass::intra_node;
}

/// "inside a node", "between nodes".
constexpr std::string_view where_text(FabricClass where) {
  return where == FabricClass::intra_node ? "inside a node" : "between nodes";
}

}  // namespace hockney::predict
