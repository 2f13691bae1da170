#include "workload/group_placement.hpp"

#include <gtest/gtest.h>

namespace hockney::inline workload {
namespace {

Mapping mapped(std::uint64_t tensor, std::uint64_t pipeline, std::uint64_t data, std::uint64_t gpus_per_node = 8,
               std::uint64_t virtual_stages = 1) {
  Mapping mapping;
  mapping.tensor = tensor;
  mapping.pipeline = pipeline;
  mapping.data = data;
  mapping.gpus_per_node = gpus_per_node;
  mapping.virtual_stages = virtual_stages;
  return mapping;
}

void expect_placed(const PlacedGroup& placed, std::uint32_t ranks, std::uint32_t per_node, std::uint32_t stride,
                   std::uint32_t nodes) {
  EXPECT_EQ(placed.group.ranks, ranks);
  EXPECT_EQ(placed.group.ranks_per_node, per_node);
  EXPECT_EQ(placed.group.stride, stride);
  EXPECT_EQ(placed.nodes, nodes);
}

TEST(GroupPlacement, TensorGroupFillsANode) { expect_placed(tensor_group(mapped(8, 8, 1)), 8, 8, 1, 1); }
TEST(GroupPlacement, SmallTensorGroup) { expect_placed(tensor_group(mapped(2, 1, 4)), 2, 2, 1, 1); }
TEST(GroupPlacement, TensorGroupLargerThanANode) { expect_placed(tensor_group(mapped(16, 1, 2)), 16, 8, 1, 2); }

TEST(GroupPlacement, TensorGroupCutByANodeBorder) {
  // Ranks 6..11 on nodes of 8: two on the first node, four on the second; ranks 0..5 lie on one node.
  expect_placed(tensor_group(mapped(6, 1, 4)), 6, 4, 1, 2);
}

TEST(GroupPlacement, DataGroupOneRankPerNode) { expect_placed(data_group(mapped(8, 2, 4)), 4, 1, 8, 4); }
TEST(GroupPlacement, DataGroupSharesNodes) { expect_placed(data_group(mapped(2, 4, 16)), 16, 4, 2, 4); }
TEST(GroupPlacement, DataGroupInsideANode) { expect_placed(data_group(mapped(2, 4, 4)), 4, 4, 2, 1); }

TEST(GroupPlacement, WorstDataGroupIsTaken) {
  // Stage 0 has ranks 0, 2, 4 on node 0; stage 1 has 6 on node 0 and 8, 10 on node 1.
  expect_placed(data_group(mapped(2, 2, 3)), 3, 2, 2, 2);
}

TEST(GroupPlacement, EmbeddingGroupJoinsTheEnds) {
  expect_placed(embedding_group(mapped(8, 8, 2)), 2, 1, 112, 2);
  expect_placed(embedding_group(mapped(2, 4, 1)), 2, 2, 6, 1);
}

TEST(GroupPlacement, StagePairs) {
  expect_placed(stage_pair(mapped(4, 2, 2), false), 2, 2, 8, 1);
  expect_placed(stage_pair(mapped(4, 2, 2), true), 2, 1, 8, 2);
}

void expect_links(const Mapping& mapping, std::uint64_t crossing, std::uint64_t per_micro_batch) {
  const StageLinks links = stage_links(mapping);
  EXPECT_EQ(links.crossing, crossing);
  EXPECT_EQ(links.per_micro_batch, per_micro_batch);
}

TEST(GroupPlacement, EveryLinkCrosses) { expect_links(mapped(8, 8, 1), 7, 2); }
TEST(GroupPlacement, NoLinkCrosses) { expect_links(mapped(2, 4, 1), 0, 0); }
TEST(GroupPlacement, EverySecondLinkCrosses) { expect_links(mapped(4, 4, 1), 1, 1); }
TEST(GroupPlacement, TwoStagesUseOneLinkTwice) { expect_links(mapped(8, 2, 1), 1, 2); }
TEST(GroupPlacement, OneRankPairIsEnoughToCross) { expect_links(mapped(6, 2, 1), 1, 2); }

TEST(GroupPlacement, WrapAroundCountsWithVirtualStages) {
  // Stages of 2 GPUs on nodes of 6: 0 1 2 | 3. Stage 3 sends to stage 0 only under interleaving.
  expect_links(mapped(2, 4, 1, 6, 1), 1, 1);
  expect_links(mapped(2, 4, 1, 6, 2), 1, 2);
}

TEST(PlacedGroup, CountsGroupsOfItsKindOnTheNode) {
  Mapping mapping;
  mapping.tensor = 8;
  mapping.pipeline = 2;
  mapping.data = 2;
  EXPECT_EQ(tensor_group(mapping).at_once, 1) << "one group fills a node";
  EXPECT_EQ(data_group(mapping).at_once, 8) << "eight pairs over eight rails";
  EXPECT_EQ(stage_pair(mapping, true).at_once, 8);
  mapping.tensor = 4;
  EXPECT_EQ(tensor_group(mapping).at_once, 2);
  mapping.tensor = 1;
  mapping.data = 1;
  EXPECT_EQ(stage_pair(mapping, false).at_once, 1) << "the only pair";
}

}  // namespace
}  // namespace hockney::inline workload
