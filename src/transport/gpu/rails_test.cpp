#include "transport/gpu/rails.hpp"

#include <gtest/gtest.h>

namespace hockney::transport::gpu {
namespace {

const Group rail{.ranks = 2, .ranks_per_node = 1, .stride = 2};
const Group second_rail{.ranks = 2, .ranks_per_node = 1, .stride = 2, .first = 1};
const Group both_rails{.ranks = 2, .ranks_per_node = 1, .stride = 2, .concurrent = 2};

Placement placed(int rank, const std::string& host, int local_rank) {
  Placement placement;
  placement.rank = rank;
  placement.host = host;
  placement.local_rank = local_rank;
  return placement;
}

// Two ranks on each host, as a launcher that fills node after node places them.
std::vector<Placement> two_ranks_on_each_of(const std::vector<std::string>& hosts) {
  std::vector<Placement> placements;
  for (const std::string& host : hosts) {
    for (int local_rank = 0; local_rank < 2; ++local_rank) {
      placements.push_back(placed(static_cast<int>(placements.size()), host, local_rank));
    }
  }
  return placements;
}

TEST(Rails, AreRailsWhereEveryNodeHasOneOrderOfGpus) {
  const Rails rails(two_ranks_on_each_of({"node-a", "node-b"}), {"1B", "43", "1B", "43"});
  EXPECT_EQ(rails.warning(), "");
  for (const Group& group : {rail, second_rail, both_rails}) {
    EXPECT_FALSE(rails.are_mixed_in(group)) << to_string(group);
  }
}

TEST(Rails, AreMixedWhereANodeHasAnotherOrder) {
  const Rails rails(two_ranks_on_each_of({"node-a", "node-b"}), {"1B", "43", "43", "1B"});
  for (const Group& group : {rail, second_rail, both_rails}) {
    EXPECT_TRUE(rails.are_mixed_in(group)) << to_string(group);
  }
  EXPECT_EQ(rails.warning(),
            "rails join ranks whose GPUs have different places: rank 0 on node-a has the GPU at 1B, rank 2 on node-b "
            "the one at 43; such points are flagged network_path (GPU-ORDER); give all nodes one order "
            "(CUDA_VISIBLE_DEVICES)");
}

TEST(Rails, AreJudgedEachForItself) {
  const Rails rails(two_ranks_on_each_of({"node-a", "node-b"}), {"1B", "43", "1B", "52"});
  EXPECT_FALSE(rails.are_mixed_in(rail));
  EXPECT_TRUE(rails.are_mixed_in(second_rail));
  EXPECT_TRUE(rails.are_mixed_in(both_rails));
  EXPECT_NE(rails.warning().find("rank 1 on node-a"), std::string::npos);
}

TEST(Rails, DoNotDependOnHowTheLauncherDealsRanksOut) {
  std::vector<Placement> in_turns = two_ranks_on_each_of({"node-a", "node-b"});
  in_turns[1] = placed(1, "node-b", 0);
  in_turns[2] = placed(2, "node-a", 1);
  EXPECT_FALSE(Rails(in_turns, {"1B", "1B", "43", "43"}).are_mixed_in(both_rails));
  EXPECT_TRUE(Rails(in_turns, {"1B", "43", "43", "1B"}).are_mixed_in(both_rails));
}

TEST(Rails, AreNotWhatOtherGroupsMean) {
  const Rails rails(two_ranks_on_each_of({"node-a", "node-b"}), {"1B", "43", "43", "1B"});
  EXPECT_FALSE(rails.are_mixed_in({.ranks = 4, .ranks_per_node = 2})) << "NCCL orders the GPUs of a node itself";
  EXPECT_FALSE(rails.are_mixed_in({.ranks = 2, .ranks_per_node = 1, .stride = 3})) << "a pair across rails";
  EXPECT_FALSE(rails.are_mixed_in({.ranks = 2, .ranks_per_node = 2})) << "within a node";
}

TEST(Rails, AreNoneWhereNodesHaveDifferentNumbersOfRanks) {
  std::vector<Placement> uneven = two_ranks_on_each_of({"node-a", "node-b"});
  uneven.pop_back();
  const Rails rails(uneven, {"1B", "43", "43"});
  EXPECT_EQ(rails.warning(), "");
  EXPECT_FALSE(rails.are_mixed_in(rail));
}

}  // namespace
}  // namespace hockney::transport::gpu
