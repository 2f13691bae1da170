#include "step/group_placement.hpp"

#include <algorithm>
#include <vector>

namespace hockney {
namespace {

PlacedGroup place(std::uint64_t first, std::uint64_t ranks, std::uint64_t stride, std::uint64_t gpus_per_node) {
  std::uint32_t nodes = 0;
  std::uint32_t on_node = 0;
  std::uint32_t fullest = 0;
  std::uint64_t node = 0;
  for (std::uint64_t i = 0; i < ranks; ++i) {
    const std::uint64_t current = (first + i * stride) / gpus_per_node;
    if (i == 0 || current != node) {
      ++nodes;
      on_node = 0;
      node = current;
    }
    fullest = std::max(fullest, ++on_node);
  }
  PlacedGroup placed;
  placed.group.ranks = static_cast<std::uint32_t>(ranks);
  placed.group.ranks_per_node = fullest;
  placed.group.stride = static_cast<std::uint32_t>(stride);
  placed.nodes = nodes;
  return placed;
}

bool lies_worse(const PlacedGroup& a, const PlacedGroup& b) {
  return a.nodes != b.nodes ? a.nodes > b.nodes : a.group.ranks_per_node < b.group.ranks_per_node;
}

bool link_crosses(const Mapping& mapping, std::uint64_t from_stage, std::uint64_t to_stage) {
  const std::uint64_t width = mapping.tensor * mapping.data;
  for (std::uint64_t i = 0; i < width; ++i) {
    if ((from_stage * width + i) / mapping.gpus_per_node != (to_stage * width + i) / mapping.gpus_per_node) {
      return true;
    }
  }
  return false;
}

}  // namespace

PlacedGroup tensor_group(const Mapping& mapping) {
  PlacedGroup worst = place(0, mapping.tensor, 1, mapping.gpus_per_node);
  for (std::uint64_t first = mapping.tensor; first < mapping.gpus(); first += mapping.tensor) {
    worst = std::min(worst, place(first, mapping.tensor, 1, mapping.gpus_per_node), lies_worse);
  }
  return worst;
}

PlacedGroup data_group(const Mapping& mapping) {
  PlacedGroup worst = place(0, mapping.data, mapping.tensor, mapping.gpus_per_node);
  for (std::uint64_t stage = 0; stage < mapping.pipeline; ++stage) {
    for (std::uint64_t shard = 0; shard < mapping.tensor; ++shard) {
      const std::uint64_t first = stage * mapping.data * mapping.tensor + shard;
      worst = std::min(worst, place(first, mapping.data, mapping.tensor, mapping.gpus_per_node), lies_worse);
    }
  }
  return worst;
}

PlacedGroup embedding_group(const Mapping& mapping) {
  const std::uint64_t width = mapping.tensor * mapping.data;
  const std::uint64_t stride = width * (mapping.pipeline - 1);
  PlacedGroup worst = place(0, 2, stride, mapping.gpus_per_node);
  for (std::uint64_t first = 1; first < width; ++first) {
    worst = std::min(worst, place(first, 2, stride, mapping.gpus_per_node), lies_worse);
  }
  return worst;
}

PlacedGroup stage_pair(const Mapping& mapping, bool crosses_nodes) {
  PlacedGroup pair;
  pair.group.ranks = 2;
  pair.group.ranks_per_node = crosses_nodes ? 1 : 2;
  pair.group.stride = static_cast<std::uint32_t>(mapping.tensor * mapping.data);
  pair.nodes = crosses_nodes ? 2 : 1;
  return pair;
}

StageLinks stage_links(const Mapping& mapping) {
  const std::uint64_t p = mapping.pipeline;
  std::vector<bool> crosses(p);  // [i]: the link from stage i to its successor, the last one back to stage 0
  for (std::uint64_t stage = 0; stage < p; ++stage) {
    const bool wraps = stage + 1 == p;
    crosses[stage] = (!wraps || mapping.virtual_stages > 1) && link_crosses(mapping, stage, wraps ? 0 : stage + 1);
  }
  StageLinks links;
  links.crossing = static_cast<std::uint64_t>(std::count(crosses.begin(), crosses.end() - 1, true));
  if (p == 2) {
    links.per_micro_batch = 2 * links.crossing;
    return links;
  }
  for (std::uint64_t stage = 0; stage < p; ++stage) {
    const std::uint64_t here = (crosses[stage] ? 1U : 0U) + (crosses[(stage + p - 1) % p] ? 1U : 0U);
    links.per_micro_batch = std::max(links.per_micro_batch, here);
  }
  return links;
}

}  // namespace hockney
