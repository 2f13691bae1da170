#include "fit/validate/scoreboard.hpp"

#include <gtest/gtest.h>

#include "fit/simulated_machine.hpp"
#include "fit/text_matching.hpp"

namespace hockney::fit {
namespace {

SimulatedMachine single_numbers(std::uint32_t last_octave) {
  return {.sample_noise = 0.02, .samples = 1, .payloads = SimulatedMachine::octaves(3, last_octave)};
}

TEST(Scoreboard, ScoresEachCurveOfEachLaunchApart) {
  const auto launches = single_numbers(30).run_several(3, 1);
  const Scoreboard board = score(launches);
  ASSERT_EQ(board.curves.size(), 3U);
  EXPECT_EQ(board.curves[0].sizes, 28U);
  EXPECT_EQ(board.pooled.held_out, 3U * 26U);
  EXPECT_EQ(board.pooled.leave_one_out.count, 3U * 26U);
  EXPECT_EQ(board.pooled.in_sample.count, 3U);
  EXPECT_EQ(board.segments_mean, 1);
  EXPECT_LT(board.pooled.in_sample.median, 0.02);
  EXPECT_LT(board.pooled.leave_one_out.median, board.pooled.log_log.median);
  EXPECT_GT(board.pooled.least_squares.p95, board.pooled.single_line.p95);
}

TEST(Scoreboard, SelectsBySizesRanksAndPlace) {
  std::vector<Launch> launches{single_numbers(16).run(1), single_numbers(30).run(2), single_numbers(30).run(3)};
  for (Measurement& visit : launches[2].measurements) {
    visit.point.in_place = true;
  }
  const Scoreboard board = score(launches);
  EXPECT_EQ(board.curves.size(), 1U);
  EXPECT_TRUE(any_holds_text(board.notes, "not scored: 14 sizes"));
  EXPECT_EQ(score(launches, {.least_sizes = 14}).curves.size(), 2U);
  EXPECT_EQ(score(launches, {.in_place = true}).curves.size(), 1U);
  EXPECT_EQ(score(launches, {.least_ranks = 3}).curves.size(), 0U);
  EXPECT_EQ(score(launches, {.most_sizes = 20}).curves.size(), 0U);
}

TEST(Scoreboard, TakesTheFirstVisitOfASizeInWhateverOrderTheyCome) {
  Launch launch = single_numbers(30).run(1);
  const double clean = score(std::span(&launch, 1)).pooled.in_sample.p95;
  Measurement again = launch.measurements[5];
  again.elapsed.front() *= 10;
  launch.measurements.push_back(again);
  std::rotate(launch.measurements.begin(), launch.measurements.begin() + 10, launch.measurements.end() - 1);
  EXPECT_EQ(score(std::span(&launch, 1)).pooled.in_sample.p95, clean);
}

}  // namespace
}  // namespace hockney::fit
