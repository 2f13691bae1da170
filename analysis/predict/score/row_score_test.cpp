#include "predict/score/row_score.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <list>
#include <optional>

#include "base/error.hpp"
#include "workload/synthetic_transformer.hpp"

namespace hockney::predict {
namespace {

class RowScore : public testing::Test {
 protected:
  StepRow& add(double predicted_s, std::optional<double> measured_s, const std::string& source = "a paper") {
    StepRow& row = rows_.emplace_back();
    row.model = synthetic::gpt3();
    row.model.source = source;
    row.mapping.tensor = 8;
    row.mapping.pipeline = 4;
    row.mapping.data = 8;
    row.mapping.global_batch = 64;
    row.gpu = "a100-80g";
    row.measured_s = measured_s;
    PredictedRow& predicted = scored_.emplace_back();
    predicted.row = &row;
    predicted.time.total_s = predicted_s;
    return row;
  }

  std::list<StepRow> rows_;
  std::vector<PredictedRow> scored_;
};

TEST_F(RowScore, ErrorsOfKnownNumbers) {
  add(11, 10);  // +10 %
  add(19, 20);  // -5 %
  add(40, 40);  // 0
  add(99, {});  // not measured
  const RowErrors errors = errors_of(scored_, "all");
  EXPECT_EQ(errors.rows, 3U);
  EXPECT_NEAR(errors.mean, 0.05, 1e-12);
  EXPECT_NEAR(errors.signed_mean, 0.05 / 3, 1e-12);
  EXPECT_NEAR(errors.median, 0.05, 1e-12);
  EXPECT_GT(errors.p95, errors.median);
  EXPECT_LE(errors.p95, 0.1 + 1e-12);
}

TEST_F(RowScore, SourcesInOrderOfAppearance) {
  add(11, 10, "second letter");
  add(20, 20, "another");
  add(13, 10, "second letter");
  const auto errors = errors_by_source(scored_);
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[0].name, "second letter");
  EXPECT_NEAR(errors[0].mean, 0.2, 1e-12);
  EXPECT_EQ(errors[1].mean, 0);
}

// 1, 2, 3, 4, 5 against 2, 1, 4, 3, 5: 1 - 6 * 4 / (5 * 24) = 0.8
TEST_F(RowScore, SpearmanOfAKnownOrder) {
  const double measured[]{20, 10, 400, 30, 5000};
  for (int i = 0; i < 5; ++i) {
    add(i + 1, measured[i]);
  }
  EXPECT_NEAR(*rank_correlation(scored_), 0.8, 1e-12);
}

TEST_F(RowScore, NothingIsRankedWhereAllIsAlike) {
  EXPECT_FALSE(rank_correlation(scored_));
  add(1, 1);
  EXPECT_FALSE(rank_correlation(scored_));
  add(1, 2);
  EXPECT_FALSE(rank_correlation(scored_)) << "predicted alike";
}

// Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: 4.5 / sqrt(4.5 * 5)
TEST_F(RowScore, TiesHaveTheirMeanRank) {
  const double measured[]{1, 2, 3, 4};
  const double predicted[]{1, 2, 2, 3};
  for (int i = 0; i < 4; ++i) {
    add(predicted[i], measured[i]);
  }
  EXPECT_NEAR(*rank_correlation(scored_), 4.5 / std::sqrt(4.5 * 5), 1e-12);
}

TEST_F(RowScore, RatiosOfRowsThatDifferInOneStep) {
  add(10, 10);
  Mapping& deeper = add(12, 11).mapping;
  deeper.pipeline = 8;
  deeper.data = 4;
  Mapping& other = add(20, 10).mapping;  // two steps away from both
  other.micro_batch = 2;
  other.recompute = Recompute::full;
  const auto ratios = ratio_errors(scored_);
  ASSERT_EQ(ratios.size(), 1U);
  EXPECT_EQ(ratios[0].name, "pp x2");
  EXPECT_EQ(ratios[0].rows, 1U);
  EXPECT_NEAR(ratios[0].mean, 1.2 / 1.1 - 1, 1e-12);
}

TEST_F(RowScore, RowsOfOtherSourcesAreNotCompared) {
  add(10, 10, "one");
  add(12, 11, "two").mapping.virtual_stages = 2;
  EXPECT_TRUE(ratio_errors(scored_).empty());
}

TEST_F(RowScore, NamesInterleavingAndRecompute) {
  add(10, 10).mapping.recompute = Recompute::full;
  Mapping& interleaved = add(9, 9).mapping;
  interleaved.recompute = Recompute::full;
  interleaved.virtual_stages = 2;
  Mapping& selective = add(8, 8).mapping;
  selective.recompute = Recompute::selective;
  selective.sequence_parallel = true;
  const auto ratios = ratio_errors(scored_);
  ASSERT_EQ(ratios.size(), 2U);
  EXPECT_EQ(ratios[0].name, "interleaving");
  EXPECT_EQ(ratios[1].name, "recompute");
}

TEST_F(RowScore, RefusesRowsOfWhichNoneWasMeasured) {
  add(1, {});
  EXPECT_THROW(errors_of(scored_, "all"), Failure);
}

}  // namespace
}  // namespace hockney::predict
