#include <gtest/gtest.h>

#include "topology/fabric.hpp"
#include "topology/group.hpp"

namespace hockney {
namespace {

static_assert(Group{.ranks = 16, .ranks_per_node = 8}.nodes() == 2);
static_assert(Group{.ranks = 12, .ranks_per_node = 8}.nodes() == 2);
static_assert(Group{.ranks = 2, .ranks_per_node = 2}.nodes() == 1);

TEST(Group, Prints) {
  EXPECT_EQ(to_string(Group{.ranks = 8, .ranks_per_node = 4}), "8 ranks (4 per node)");
  EXPECT_EQ(to_string(Group{.ranks = 2, .ranks_per_node = 1, .stride = 8, .concurrent = 8}),
            "2 ranks (1 per node), stride 8, 8 at once");
}

TEST(Fabric, IsWithinNodesOrBetweenThem) {
  for (const auto& [fabric, name] : Names<Fabric>::table) {
    EXPECT_EQ(parse_name<Fabric>(name), fabric);
    EXPECT_EQ(is_intra_node(fabric) + is_inter_node(fabric), fabric == Fabric::unknown ? 0 : 1) << name;
  }
}

}  // namespace
}  // namespace hockney
