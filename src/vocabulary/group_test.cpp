#include "vocabulary/group.hpp"

#include <gtest/gtest.h>

namespace hockney {
namespace {

constexpr Group unplaced{.ranks = 16, .ranks_per_node = 0};

TEST(Group, SpansAsManyNodesAsItsRanksFill) {
  EXPECT_EQ((Group{.ranks = 16, .ranks_per_node = 8}).nodes(), 2U);
  EXPECT_EQ((Group{.ranks = 9, .ranks_per_node = 8}).nodes(), 2U);
  EXPECT_EQ((Group{.ranks = 8, .ranks_per_node = 8}).nodes(), 1U);
}

TEST(Group, OfUnknownPlacementIsOnNoNumberOfNodes) {
  EXPECT_FALSE(unplaced.is_placed());
  EXPECT_EQ(unplaced.nodes(), 0U);
}

TEST(Group, SaysHowItsRanksLie) {
  EXPECT_EQ(to_string(Group{.ranks = 16, .ranks_per_node = 8}), "16 ranks (8 per node)");
  EXPECT_EQ(to_string(Group{.ranks = 9, .ranks_per_node = 3}, 4), "9 ranks (3 per node) on 4 nodes");
  EXPECT_EQ(to_string(Group{.ranks = 8, .ranks_per_node = 8}, 1), "8 ranks (8 per node) on 1 node");
  EXPECT_EQ(to_string(unplaced), "16 ranks, placement unknown");
  EXPECT_EQ(to_string(unplaced, 0), "16 ranks, placement unknown");
}

}  // namespace
}  // namespace hockney
