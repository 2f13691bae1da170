#include "hosts_picture.hpp"

#include <gtest/gtest.h>

namespace hockney::bench {
namespace {

TEST(HostsPicture, TellsHostsThatAreAlikeOnce) {
  EXPECT_EQ(fold_alike({{"n01", "8 GPUs\n"}, {"n02", "7 GPUs\n"}, {"n03", "8 GPUs\n"}}),
            "n01, n03 (2 hosts, alike)\n8 GPUs\nn02\n7 GPUs\n");
}

TEST(HostsPicture, TellsWhereTheRanksOfAHostMayRun) {
  std::vector<Placement> ranks(3);
  for (Placement& rank : ranks) {
    rank.cpus_allowed = 16;
  }
  ranks[0].numa_node = 3;
  ranks[1].numa_node = 1;
  EXPECT_EQ(ranks_text(ranks), "3 ranks: CPUs 16 each; NUMA nodes 3 1 -\n");
  ranks[2].cpus_allowed = 128;
  EXPECT_EQ(ranks_text(ranks), "3 ranks: CPUs 16 16 128; NUMA nodes 3 1 -\n");
}

}  // namespace
}  // namespace hockney::bench
