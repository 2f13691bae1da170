#include "predict/network/mesh.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace hockney::predict {
namespace {

Group group(std::uint32_t ranks, std::uint32_t stride = 1) {
  return {.ranks = ranks, .ranks_per_node = ranks, .stride = stride};
}

TEST(Mesh, ARingOfAllGpusUsesAllLinksOfARing) {
  const Mesh ring({8});
  EXPECT_EQ(ring.neighbours(), 2U);
  EXPECT_DOUBLE_EQ(ring.slowdown(Operation::all_reduce, group(8)), 1);
}

// Two GPUs have only the links to each other: one bundle of two on a ring, of three on a cube.
TEST(Mesh, APairHasOneBundleOfLinks) {
  EXPECT_DOUBLE_EQ(Mesh({8}).slowdown(Operation::all_reduce, group(2)), 2);
  EXPECT_DOUBLE_EQ(Mesh({2, 2, 2}).slowdown(Operation::all_reduce, group(2)), 3);
}

// Four of a ring of eight are a chain: what comes back takes the same bundles the other way.
TEST(Mesh, AChainIsAsSlowAsItsBundle) { EXPECT_DOUBLE_EQ(Mesh({8}).slowdown(Operation::all_gather, group(4)), 2); }

// Two groups of every second GPU share all links; four groups of opposite GPUs, half of each way round, pile up more.
TEST(Mesh, GroupsThatAreSpreadOutShareLinks) {
  EXPECT_DOUBLE_EQ(Mesh({8}).slowdown(Operation::all_reduce, group(4, 2)), 2);
  EXPECT_DOUBLE_EQ(Mesh({8}).slowdown(Operation::all_reduce, group(2, 4)), 4);
}

// By Gray's order a ring uses two of the three directions of a cube at once.
TEST(Mesh, TheOrderOfARingIsChosen) {
  EXPECT_DOUBLE_EQ(Mesh({2, 2, 2}).slowdown(Operation::all_reduce, group(8)), 1.5);
  EXPECT_DOUBLE_EQ(Mesh({2, 4}).slowdown(Operation::all_reduce, group(8)), 1.5);
}

// On a ring of n, n^2/8 of the n^2 pairs cross a link in one direction: 8 / 7 units of what a GPU sends.
TEST(Mesh, AllToAllIsBoundByDistance) {
  EXPECT_NEAR(Mesh({8}).slowdown(Operation::all_to_all, group(8)), 8.0 / 7 * 2, 1e-12);
}

TEST(Mesh, TransfersPassThroughOthers) {
  EXPECT_DOUBLE_EQ(Mesh({8}).slowdown(Operation::pipeline_forward_backward, group(2)), 2);
  EXPECT_DOUBLE_EQ(Mesh({8}).slowdown(Operation::pipeline_forward_backward, group(2, 2)), 4);
}

TEST(Mesh, WhatLiesInSeveralNodesIsLeftAlone) {
  EXPECT_DOUBLE_EQ(Mesh({8}).slowdown(Operation::all_reduce, group(16)), 1);
  EXPECT_DOUBLE_EQ(Mesh({8}).slowdown(Operation::all_reduce, group(2, 8)), 1);
}

TEST(Mesh, IsReadAsSizes) {
  EXPECT_EQ(parse_mesh("2x4").gpus(), 8U);
  EXPECT_EQ(parse_mesh("2x4").text(), "2x4");
  for (const char* text : {"", "x", "2x", "1", "0", "2x1", "-2", "65", "8x9", "4294967295x4294967295", "two"}) {
    EXPECT_THROW(parse_mesh(text), InputError) << text;
  }
}

}  // namespace
}  // namespace hockney::predict
