#include "record/bracket.hpp"

#include <gtest/gtest.h>

#include "record/usable.hpp"

namespace hockney::inline record {
namespace {

// 100 samples of two ranks; the slower takes 100 to 101 us, so that the interval is about 0.2 us wide.
Measurement two_ranks(double faster_s) {
  Measurement visit;
  visit.point.become(Operation::all_gather);
  visit.rank_columns = 2;
  for (int i = 0; i < 100; ++i) {
    visit.elapsed.push_back(faster_s);
    visit.elapsed.push_back(100e-6 + 0.01e-6 * (i * 37 % 100));
  }
  return visit;
}

bool is_wide(const Measurement& visit) { return has_wide_bracket(visit, summarise(visit)); }

TEST(Bracket, IsWideWhereTheRanksAreFurtherApartThanTheIntervalReaches) {
  EXPECT_TRUE(is_wide(two_ranks(60e-6)));
  EXPECT_FALSE(is_wide(two_ranks(100.4e-6))) << "0.1 us below the median";
}

TEST(Bracket, IsComparedWithAnIntervalThatKnowsTheClock) {
  Measurement visit = two_ranks(60e-6);
  visit.clock_step_s = 50e-6;
  EXPECT_FALSE(is_wide(visit)) << "a clock with steps of 50 us cannot tell 40 us";
}

TEST(Bracket, LeavesThePointInFits) { EXPECT_TRUE(usable(two_ranks(60e-6))); }

TEST(Bracket, IsNoneOfOneColumnForAllRanks) {
  Measurement imported = two_ranks(60e-6);
  imported.rank_columns = 1;
  EXPECT_FALSE(is_wide(imported));
}

TEST(Bracket, IsNoneOfOperationsInWhichARankNeedNotWaitForAll) {
  Measurement rooted = two_ranks(60e-6);
  rooted.point.become(Operation::broadcast);
  EXPECT_FALSE(is_wide(rooted));
}

}  // namespace
}  // namespace hockney::inline record
