#include "workload/group_placement.hpp"

#include <algorithm>
#include <numeric>

namespace hockney::inline workload {
namespace {

PlacedGroup placed(std::uint64_t ranks, std::uint64_t stride, std::uint64_t ranks_per_node, std::uint64_t nodes) {
  PlacedGroup result;
  result.group.ranks = static_cast<std::uint32_t>(ranks);
  result.group.ranks_per_node = static_cast<std::uint32_t>(ranks_per_node);
  result.group.stride = static_cast<std::uint32_t>(stride);
  result.nodes = static_cast<std::uint32_t>(nodes);
  return result;
}

PlacedGroup place_one_by_one(std::uint64_t first, std::uint64_t ranks, std::uint64_t stride, std::uint64_t per_node) {
  std::uint64_t nodes = 0;
  std::uint64_t on_node = 0;
  std::uint64_t fullest = 0;
  std::uint64_t node = 0;
  for (std::uint64_t i = 0; i < ranks; ++i) {
    const std::uint64_t current = (first + i * stride) / per_node;
    if (i == 0 || current != node) {
      ++nodes;
      on_node = 0;
      node = current;
    }
    fullest = std::max(fullest, ++on_node);
  }
  return placed(ranks, stride, fullest, nodes);
}

bool lies_worse(const PlacedGroup& a, const PlacedGroup& b) {
  return a.nodes != b.nodes ? a.nodes > b.nodes : a.group.ranks_per_node < b.group.ranks_per_node;
}

// All groups of `ranks` with `stride` whose first ranks are block * ranks * stride + offset, offset < stride. Only
// where a first rank lies within its node matters, so at most per_node of the blocks differ.
PlacedGroup worst_of_blocks(std::uint64_t gpus, std::uint64_t ranks, std::uint64_t stride, std::uint64_t per_node) {
  const std::uint64_t span = ranks * stride;
  if (per_node % span == 0) {
    return placed(ranks, stride, ranks, 1);
  }
  if (stride % per_node == 0) {
    return placed(ranks, stride, 1, ranks);
  }
  if (span % per_node == 0 && per_node % stride == 0) {
    return placed(ranks, stride, per_node / stride, span / per_node);
  }
  const std::uint64_t blocks = std::max<std::uint64_t>(1, gpus / span);
  const std::uint64_t different = std::min(blocks, per_node / std::gcd(per_node, span));
  PlacedGroup worst = place_one_by_one(0, ranks, stride, per_node);
  for (std::uint64_t block = 0; block < different; ++block) {
    for (std::uint64_t offset = 0; offset < std::min(stride, per_node); ++offset) {
      worst = std::min(worst, place_one_by_one(block * span + offset, ranks, stride, per_node), lies_worse);
    }
  }
  return worst;
}

std::uint64_t width_of(const Mapping& mapping) { return mapping.tensor * mapping.context * mapping.data; }

bool link_crosses(const Mapping& mapping, std::uint64_t from_stage, std::uint64_t to_stage) {
  const std::uint64_t width = width_of(mapping);
  if (width >= mapping.gpus_per_node) {
    return true;
  }
  const auto node = [&](std::uint64_t stage, std::uint64_t i) { return (stage * width + i) / mapping.gpus_per_node; };
  for (std::uint64_t i = 0; i < width; ++i) {
    if (node(from_stage, i) != node(to_stage, i)) {
      return true;
    }
  }
  return false;
}

// Pairs of ranks of two stages that have a rank on one node.
std::uint32_t pairs_on_node(const Mapping& mapping) {
  return static_cast<std::uint32_t>(std::min(width_of(mapping), mapping.gpus_per_node));
}

// All groups of a kind communicate at the same time: every rank does the same work.
PlacedGroup among_others(PlacedGroup placed, const Mapping& mapping) {
  const std::uint64_t on_node = std::min(mapping.gpus(), mapping.gpus_per_node);
  const std::uint64_t own = placed.group.ranks_per_node;
  placed.at_once = static_cast<std::uint32_t>((on_node + own - 1) / own);
  return placed;
}

PlacedGroup worst_group(const Mapping& mapping, std::uint64_t ranks, std::uint64_t stride) {
  return among_others(worst_of_blocks(mapping.gpus(), ranks, stride, mapping.gpus_per_node), mapping);
}

}  // namespace

PlacedGroup tensor_group(const Mapping& mapping) { return worst_group(mapping, mapping.tensor, 1); }

PlacedGroup context_group(const Mapping& mapping) { return worst_group(mapping, mapping.context, mapping.tensor); }

PlacedGroup data_group(const Mapping& mapping) {
  return worst_group(mapping, mapping.context * mapping.data, mapping.tensor);
}

PlacedGroup expert_tensor_group(const Mapping& mapping) { return worst_group(mapping, mapping.tensor_of_experts(), 1); }

PlacedGroup expert_group(const Mapping& mapping) {
  return worst_group(mapping, mapping.expert, mapping.tensor_of_experts());
}

PlacedGroup expert_data_group(const Mapping& mapping) {
  return worst_group(mapping, mapping.expert_replicas(), mapping.tensor_of_experts() * mapping.expert);
}

PlacedGroup embedding_group(const Mapping& mapping) {
  const std::uint64_t stride = width_of(mapping) * (mapping.pipeline - 1);
  PlacedGroup worst = place_one_by_one(0, 2, stride, mapping.gpus_per_node);
  for (std::uint64_t first = 1; first < std::min(width_of(mapping), mapping.gpus_per_node); ++first) {
    worst = std::min(worst, place_one_by_one(first, 2, stride, mapping.gpus_per_node), lies_worse);
  }
  worst.at_once = pairs_on_node(mapping);
  return worst;
}

PlacedGroup stage_pair(const Mapping& mapping, bool crosses_nodes) {
  PlacedGroup pair = placed(2, width_of(mapping), crosses_nodes ? 1 : 2, crosses_nodes ? 2 : 1);
  pair.at_once = pairs_on_node(mapping);
  return pair;
}

StageLinks stage_links(const Mapping& mapping) {
  const std::uint64_t p = mapping.pipeline;
  StageLinks links;
  if (width_of(mapping) >= mapping.gpus_per_node) {
    return {p - 1, 2};
  }
  const bool wraps = mapping.virtual_stages > 1;
  const bool last_to_first = wraps && link_crosses(mapping, p - 1, 0);
  bool before = last_to_first;
  for (std::uint64_t stage = 0; stage < p; ++stage) {
    const bool after = stage + 1 < p ? link_crosses(mapping, stage, stage + 1) : last_to_first;
    links.crossing += stage + 1 < p && after ? 1 : 0;
    links.per_micro_batch = std::max<std::uint64_t>(links.per_micro_batch, (before ? 1U : 0U) + (after ? 1U : 0U));
    before = after;
  }
  if (p == 2) {
    links.per_micro_batch = 2 * links.crossing;
  }
  return links;
}

}  // namespace hockney::inline workload
