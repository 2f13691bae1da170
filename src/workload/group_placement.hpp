#pragma once

#include <cstdint>

#include "vocabulary/group.hpp"
#include "workload/mapping.hpp"

namespace hockney::inline workload {

/// A group and the nodes that it lies on.
struct PlacedGroup {
  Group group;                ///< ranks_per_node is the most that share one node
  std::uint32_t nodes = 1;    ///< nodes that hold at least one of the ranks
  std::uint32_t at_once = 1;  ///< groups of the kind that communicate at the same time on a node, itself too

  bool is_shared() const { return at_once > 1; }
  bool crosses_nodes() const { return nodes > 1; }
  friend bool operator==(const PlacedGroup&, const PlacedGroup&) = default;
};

// Megatron-LM numbers ranks with tensor fastest, then context, then data, then pipeline:
// rank = ((stage d + replica) c + part) t + shard, and ranks fill node after node. Experts are dealt out to the ranks
// of a stage anew: tensor shards of an expert fastest, then e shares of the experts, then copies. Where the groups of
// one kind lie differently, the one on the most nodes is returned (of those, the one with the fewest ranks on its
// fullest node): the step waits for it.

/// t ranks with stride 1.
PlacedGroup tensor_group(const Mapping& mapping);

/// c ranks with stride t.
PlacedGroup context_group(const Mapping& mapping);

/// c d ranks with stride t: gradients are summed over the parts of a sequence as well as over replicas.
PlacedGroup data_group(const Mapping& mapping);

/// The ranks that hold shards of the same experts: Mapping::tensor_of_experts() with stride 1.
PlacedGroup expert_tensor_group(const Mapping& mapping);

/// e ranks with the stride of those shards.
PlacedGroup expert_group(const Mapping& mapping);

/// Those that hold the same experts: Mapping::expert_replicas() with stride e times those shards.
PlacedGroup expert_data_group(const Mapping& mapping);

/// The first and the last stage: 2 ranks with stride t c d (p - 1). Needs p > 1.
PlacedGroup embedding_group(const Mapping& mapping);

/// Two ranks of neighbouring stages, stride t c d, on one node or on two.
PlacedGroup stage_pair(const Mapping& mapping, bool crosses_nodes);

/// Where the links between neighbouring stages lie. A link crosses nodes when any of its t c d pairs of ranks does.
struct StageLinks {
  std::uint64_t crossing = 0;         ///< of the p - 1 links, those that cross nodes
  std::uint64_t per_micro_batch = 0;  ///< of a stage's two transfers per micro-batch, those that cross: 0, 1 or 2
};

/// The links of the pipeline; per_micro_batch is that of the stage with the most crossing links. A stage's two links
/// are those to its neighbours (for p = 2 the same one twice); with virtual stages the link from the last stage back to
/// the first counts as a neighbour's. Needs p > 1.
StageLinks stage_links(const Mapping& mapping);

}  // namespace hockney::inline workload
