#include "import/unplaced.hpp"

#include <gtest/gtest.h>

namespace hockney::import {
namespace {

ImportedFile file_of(const Group& group) {
  ImportedFile file;
  Launch& launch = file.tables.emplace_back().launch.emplace();
  launch.measurements.emplace_back().point.group = group;
  return file;
}

TEST(Unplaced, PointsWithoutNodesAreFlaggedAndTheirTableSaysWhatTheyAreGoodFor) {
  ImportedFile file = file_of({.ranks = 16, .ranks_per_node = 0});
  mark_unplaced(file);
  EXPECT_TRUE(file.tables[0].launch->measurements[0].flags.has(Flag::placement_unknown));
  EXPECT_EQ(file.tables[0].notes,
            std::vector<std::string>{"nodes unknown: usable for fit and show; give --nodes for predict"});
}

TEST(Unplaced, OthersAreLeftAsTheyAre) {
  ImportedFile file = file_of({.ranks = 16, .ranks_per_node = 8});
  file.tables.emplace_back().refusal = "no rows";
  mark_unplaced(file);
  EXPECT_EQ(file.tables[0].launch->measurements[0].flags, Flags{});
  EXPECT_TRUE(file.tables[0].notes.empty());
  EXPECT_TRUE(file.tables[1].notes.empty());
}

}  // namespace
}  // namespace hockney::import
