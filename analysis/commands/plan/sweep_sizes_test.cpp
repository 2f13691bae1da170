#include "commands/plan/sweep_sizes.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace hockney::commands {
namespace {

using Sizes = std::vector<std::uint64_t>;

TEST(SweepSizes, ListsAndDoublings) {
  EXPECT_EQ(parse_sweep_sizes("1,2,4"), (Sizes{1, 2, 4}));
  EXPECT_EQ(parse_sweep_sizes("8,3,8"), (Sizes{3, 8}));
  EXPECT_EQ(parse_sweep_sizes("1..64"), (Sizes{1, 2, 4, 8, 16, 32, 64}));
  EXPECT_EQ(parse_sweep_sizes("3..10"), (Sizes{3, 6}));
  EXPECT_EQ(parse_sweep_sizes("7"), (Sizes{7}));
}

TEST(SweepSizes, RefusesEverythingElse) {
  for (const char* text : {"", ",", "1,", "0", "-1", "1.5", "a", "4..1", "1..", "..4", "1..18446744073709551615",
                           "99999999999999999999", "1, 2"}) {
    EXPECT_THROW(parse_sweep_sizes(text), InputError) << text;
  }
}

}  // namespace
}  // namespace hockney::commands
