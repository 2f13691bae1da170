#include "predict/score/exam.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <iterator>

#include "base/error.hpp"
#include "predict/step/small_step.hpp"

namespace hockney::predict {
namespace {

StepRow row_of(const std::string& family, std::uint64_t data, double measured_s) {
  StepRow row;
  row.model = synthetic::small_transformer();
  row.model.source = family;
  row.mapping.data = data;
  row.mapping.global_batch = 64;
  row.stated = {row.model.layers, 1, row.mapping.global_batch};
  row.gpu = "made up";
  row.measured_s = measured_s;
  return row;
}

std::optional<double> regret(const std::vector<StepRow>& rows, const std::vector<double>& predicted_s) {
  std::vector<ExamAnswer> answers;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    answers.push_back({&rows[i], "steps.csv:2", rows[i].family(), predicted_s[i], predicted_s[i]});
  }
  std::vector<const ExamAnswer*> all;
  std::transform(answers.begin(), answers.end(), std::back_inserter(all), [](const ExamAnswer& each) { return &each; });
  return regret_of(all);
}

/// Rows that a GPU of 80 % of the peak would have measured, but for the factors given.
class TakeExam : public testing::Test {
 protected:
  double seconds_at(double efficiency, const StepRow& row) {
    return StepModel(gpu, small.constants, efficiency, row.way).predict(row.model, row.mapping, small.network).total_s;
  }

  void SetUp() override { gpu.memory = gibibytes(80); }

  void add(const std::string& family, std::uint64_t data, double factor) {
    StepRow row = row_of(family, data, 1);
    row.line = rows.rows.size() + 2;
    row.measured_s = factor * seconds_at(0.8, row);
    rows.rows.push_back(row);
  }

  ExamResult take() {
    return take_exam({&rows, 1}, small.constants,
                     {[this](const StepRow& row) -> const Gpu& {
                        if (row.gpu != gpu.name) {
                          throw InputError("no such GPU");
                        }
                        return gpu;
                      },
                      [this](const StepRow&) -> StepNetwork& { return small.network; }});
  }

  synthetic::SmallStep small;
  Gpu gpu = synthetic::round_gpu();
  StepRows rows{"steps.csv", {}, {}, {}, {}};
};

TEST_F(TakeExam, FewestGpusCalibrate) {
  add("a", 8, 1);
  add("a", 2, 1);
  const ExamResult result = take();
  ASSERT_EQ(result.groups.size(), 1U);
  EXPECT_NEAR(*result.groups.front().efficiency, 0.8, 1e-6);
  EXPECT_EQ(result.groups.front().place, "steps.csv:3");
  EXPECT_FALSE(result.answers[0].calibrates);
  EXPECT_NEAR(result.answers[0].error(), 0, 1e-6);
  EXPECT_LT(result.answers[0].uncalibrated_s, result.answers[0].predicted_s) << "the file says 90 %";
}

double half_width(const ExamAnswer& answer) { return std::log(answer.interval_s.high / answer.interval_s.low) / 2; }

TEST_F(TakeExam, AnIntervalIsAsWideAsRowsElsewhereErr) {
  add("a", 1, 1);
  add("a", 8, 1.001);
  for (const char* family : {"b", "b", "c", "d"}) {
    add(family, 8, 1.1);
  }
  const ExamResult result = take();
  constexpr double student_3 = 3.182;  // 97.5 %, three degrees of freedom
  EXPECT_NEAR(half_width(result.answers[1]), student_3 * std::log(1.1), 1e-3);
  const std::vector<FamilyScore> scores = scores_of(result);
  ASSERT_EQ(scores.size(), 5U);
  EXPECT_EQ(scores[0].covered, 1);
  EXPECT_EQ(scores[1].rows, 2U);
  EXPECT_EQ(scores[4].rows, 5U) << "the calibrating row is not scored";
}

TEST_F(TakeExam, FewPlacesTellNoWidth) {
  add("a", 1, 1);
  add("a", 8, 1.001);
  add("b", 8, 1.001);
  EXPECT_NEAR(half_width(take().answers[1]), known_error(StepKind::dense), 1e-9);
}

TEST_F(TakeExam, WhatAGpuCannotHoldWasSharded) {
  add("a", 8, 1);
  const double whole = take().answers.front().uncalibrated_s;
  gpu.memory = Bytes{1};
  EXPECT_GT(take().answers.front().uncalibrated_s, whole);
}

TEST_F(TakeExam, WhatCannotBePredictedIsSkippedWithItsReason) {
  add("a", 1, 1);
  add("a", 2, 1);
  rows.rows[0].gpu = "another";
  rows.rows[1].measured_s.reset();
  add("a", 8, 1);
  const ExamResult result = take();
  EXPECT_EQ(result.answers.size(), 1U);
  ASSERT_EQ(result.skipped.size(), 2U);
  EXPECT_EQ(result.skipped[0].reason, "no such GPU");
  EXPECT_NE(result.skipped[1].reason.find("measured_s"), std::string::npos);
}

TEST_F(TakeExam, AFamilyOfOneRowHasNoRankCorrelation) {
  add("a", 1, 1);
  add("a", 8, 1);
  add("b", 8, 1.1);
  const std::vector<FamilyScore> scores = scores_of(take());
  EXPECT_FALSE(scores.at(0).rank_correlation);
  EXPECT_FALSE(scores.at(0).regret);
}

TEST_F(TakeExam, CountsRowsOverNodesWhoseNicsAreNotStated) {
  add("a", 1, 1);
  add("b", 8, 1);
  add("b", 16, 1);
  add("b", 32, 1);
  rows.rows[3].node_nic_bytes_per_s = 2e11;
  const ExamResult result = take();
  EXPECT_FALSE(result.answers[1].assumes_nic()) << "one node";
  EXPECT_TRUE(result.answers[2].assumes_nic());
  EXPECT_EQ(scores_of(result).at(0).nics_assumed, 1U);
}

TEST_F(TakeExam, WhatRanIsSaidToFitWhereTheGpuIsLarge) {
  add("a", 1, 1);
  add("a", 8, 1);
  EXPECT_FALSE(scores_of(take()).at(0).said_to_fit) << "recomputation is not stated";
  rows.rows[1].states_recompute = true;
  EXPECT_EQ(scores_of(take()).at(0).said_to_fit, gpu.memory >= gibibytes(1) ? 1 : 0);
  gpu.memory = kibibytes(1);
  EXPECT_EQ(scores_of(take()).at(0).said_to_fit, 0);
}

StepRow on_stages(std::uint64_t pipeline, double measured_s, const std::string& source = "a") {
  StepRow row = row_of(source, 8 / pipeline, measured_s);
  row.mapping.pipeline = pipeline;
  return row;
}

TEST(Regret, IsWhatTheChosenMappingTakesLonger) {
  EXPECT_NEAR(*regret({on_stages(1, 3), on_stages(2, 2)}, {1, 1.5}), 0.5, 1e-12);
  EXPECT_EQ(*regret({on_stages(1, 3), on_stages(2, 2)}, {1.5, 1}), 0);
  EXPECT_FALSE(regret({on_stages(1, 3)}, {1}));
}

TEST(Regret, AMappingThatIsPublishedTwiceIsNoChoice) {
  EXPECT_FALSE(regret({on_stages(1, 3), on_stages(1, 2)}, {1, 1.5}));
  EXPECT_FALSE(regret({on_stages(1, 3, "a@1"), on_stages(2, 2, "a@2")}, {1, 1.5})) << "releases differ in speed";
  EXPECT_NEAR(*regret({on_stages(1, 3), on_stages(1, 5), on_stages(2, 2)}, {1, 1, 2}), 1, 1e-12) << "4 s, the mean";
}

TEST(Regret, ShapesThatAreRoundedToTheSameAreDifferentModels) {
  StepRow other = on_stages(2, 2);
  other.stated.layers -= 1;
  EXPECT_FALSE(regret({on_stages(1, 3), other}, {1, 1.5}));
  StepRow batch = on_stages(2, 2);
  batch.stated.global_batch -= 1;
  EXPECT_FALSE(regret({on_stages(1, 3), batch}, {1, 1.5}));
}

}  // namespace
}  // namespace hockney::predict
