#include <algorithm>
#include <gtest/gtest.h>
#include <set>

#include "vocabulary/fabric.hpp"
#include "vocabulary/group.hpp"
#include "vocabulary/members.hpp"
#include "vocabulary/placement.hpp"

namespace hockney::inline vocabulary {
namespace {

static_assert(Group{.ranks = 16, .ranks_per_node = 8}.nodes() == 2);
static_assert(Group{.ranks = 12, .ranks_per_node = 8}.nodes() == 2);
static_assert(Group{.ranks = 2, .ranks_per_node = 2}.nodes() == 1);

TEST(Group, Prints) {
  EXPECT_EQ(to_string(Group{.ranks = 8, .ranks_per_node = 4}), "8 ranks (4 per node)");
  EXPECT_EQ(to_string(Group{.ranks = 2, .ranks_per_node = 1, .stride = 8, .concurrent = 8}),
            "2 ranks (1 per node), stride 8, 8 at once");
}

using Slots = std::vector<std::uint32_t>;

TEST(Group, CopiesAreBlocksOfANodeOrRails) {
  EXPECT_EQ(slots_of_copy({.ranks = 3, .ranks_per_node = 3}, 0), (Slots{0, 1, 2}));
  const Group blocks{.ranks = 4, .ranks_per_node = 4, .stride = 1, .concurrent = 2};
  EXPECT_EQ(slots_of_copy(blocks, 1), (Slots{4, 5, 6, 7}));
  const Group rails{.ranks = 3, .ranks_per_node = 1, .stride = 4, .concurrent = 4};
  EXPECT_EQ(slots_of_copy(rails, 0), (Slots{0, 4, 8}));
  EXPECT_EQ(slots_of_copy(rails, 3), (Slots{3, 7, 11}));
  const Group pairs{.ranks = 2, .ranks_per_node = 1, .stride = 2, .concurrent = 4};  // 4 nodes of 2 ranks
  EXPECT_EQ(slots_of_copy(pairs, 1), (Slots{1, 3}));
  EXPECT_EQ(slots_of_copy(pairs, 2), (Slots{4, 6}));
}

TEST(Group, CopiesAreDisjoint) {
  for (const Group& group : {Group{.ranks = 2, .ranks_per_node = 2, .stride = 1, .concurrent = 8},
                             Group{.ranks = 4, .ranks_per_node = 1, .stride = 4, .concurrent = 4},
                             Group{.ranks = 2, .ranks_per_node = 1, .stride = 4, .concurrent = 8}}) {
    std::set<std::uint32_t> seen;
    for (std::uint32_t copy = 0; copy < group.concurrent; ++copy) {
      for (const std::uint32_t slot : slots_of_copy(group, copy)) {
        EXPECT_TRUE(seen.insert(slot).second) << to_string(group) << ", copy " << copy;
      }
    }
    EXPECT_EQ(*seen.rbegin(), group.ranks * group.concurrent - 1) << to_string(group);
  }
}

std::vector<Placement> placed(const std::vector<std::pair<std::string, int>>& host_and_local_rank) {
  std::vector<Placement> placements;
  for (const auto& [host, local_rank] : host_and_local_rank) {
    Placement placement;
    placement.rank = static_cast<int>(placements.size());
    placement.host = host;
    placement.local_rank = local_rank;
    placements.push_back(placement);
  }
  return placements;
}

TEST(Slots, AreTheSameHoweverTheLauncherDealsRanksOut) {
  const auto filled = placed({{"b", 0}, {"b", 1}, {"a", 0}, {"a", 1}});
  EXPECT_EQ(slots_of(filled), (std::vector{0, 1, 2, 3}));
  const auto dealt = placed({{"b", 0}, {"a", 0}, {"b", 1}, {"a", 1}});
  EXPECT_EQ(slots_of(dealt), (std::vector{0, 2, 1, 3}));
  auto shuffled = placed({{"b", 1}, {"a", 1}, {"b", 0}, {"a", 0}});
  EXPECT_EQ(slots_of(shuffled), (std::vector{2, 0, 3, 1}));
  std::reverse(shuffled.begin(), shuffled.end());
  EXPECT_EQ(slots_of(shuffled), (std::vector{2, 0, 3, 1}));
  EXPECT_TRUE(slots_of({}).empty());
}

TEST(Placements, AreUniformOrNot) {
  EXPECT_TRUE(is_uniform(placed({{"a", 0}, {"b", 0}, {"a", 1}, {"b", 1}})));
  EXPECT_FALSE(is_uniform(placed({{"a", 0}, {"b", 0}, {"a", 1}})));
  EXPECT_TRUE(is_uniform(placed({{"a", 0}})));
}

TEST(Fabric, IsWithinNodesOrBetweenThem) {
  for (const auto& [fabric, name] : Names<Fabric>::table) {
    EXPECT_EQ(parse_name<Fabric>(name), fabric);
    EXPECT_EQ(is_intra_node(fabric) + is_inter_node(fabric), fabric == Fabric::unknown ? 0 : 1) << name;
    EXPECT_LE(speed_place(fabric), speed_place(Fabric::unknown)) << name;
  }
}

TEST(RanksOf, CopyAfterCopyThroughTheSlots) {
  const std::vector<int> cyclic{0, 2, 1, 3};  // two nodes, dealt out in turns
  EXPECT_EQ(ranks_of({2, 2, 1, 2}, cyclic), (std::vector<int>{0, 2, 1, 3}));
  EXPECT_EQ(ranks_of({2, 1, 2, 2}, cyclic), (std::vector<int>{0, 1, 2, 3}));
  EXPECT_EQ(ranks_of({2, 2, 1, 1}, cyclic), (std::vector<int>{0, 2}));
  EXPECT_THROW(ranks_of({4, 4, 1, 2}, cyclic), std::out_of_range);
}

}  // namespace
}  // namespace hockney::inline vocabulary
