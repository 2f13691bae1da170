#include "predict/score/exam.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <iterator>
#include <memory>

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
  row.stated = {1, 1, row.model.layers, 1, row.mapping.global_batch};
  row.gpu = "made up";
  row.measured_s = measured_s;
  return row;
}

std::optional<double> regret(const std::vector<StepRow>& rows, const std::vector<double>& predicted_s) {
  std::vector<ExamAnswer> answers;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    answers.push_back({{&rows[i], nullptr, {}, {}, {}, {}}, "steps.csv:2", rows[i].family(), predicted_s[i]});
  }
  std::vector<const ExamAnswer*> all;
  std::transform(answers.begin(), answers.end(), std::back_inserter(all), [](const ExamAnswer& each) { return &each; });
  return regret_of(all);
}

/// Rows that a GPU of 80 % of the peak would have measured, but for the factors given.
class TakeExam : public testing::Test {
 protected:
  RowPredictors predictors(const Calibration& calibration = {}) {
    const auto gpu_of = [this](const std::string& name) {
      return name == gpu.name ? gpu : throw InputError("no such GPU");
    };
    return {
        gpu_of, [this](const Gpu&) -> const cost::CostModel& { return cost; }, {{}, false, {}, {}, 25e9}, calibration};
  }

  void SetUp() override { gpu.memory = gibibytes(80); }

  void add(const std::string& family, std::uint64_t data, double factor) {
    StepRow row = row_of(family, data, 1);
    row.line = rows.rows.size() + 2;
    RowPredictors all = predictors();
    Predictor& predictor = all.of(row).predictor;
    row.measured_s =
        factor * predictor.step().with_efficiency(0.8).predict(row.model, row.mapping, predictor.network(row)).total_s;
    rows.rows.push_back(row);
  }

  // Answers point to the predictors.
  ExamResult take() {
    kept.push_back(std::make_unique<RowPredictors>(predictors()));
    return take_exam({&rows, 1}, *kept.back());
  }

  cost::CostModel cost = synthetic::whole_node();
  Gpu gpu = synthetic::round_gpu();
  StepRows rows{"steps.csv", {}, {}, {}, {}, {}};
  std::vector<std::unique_ptr<RowPredictors>> kept;
};

TEST_F(TakeExam, ARowThatGathersItsLogitsIsNotAnsweredAsTheOneBefore) {
  StepRow usual = row_of("a", 1, 1);
  usual.mapping.tensor = 8;
  StepRow gathers = usual;
  gathers.way.memory.whole_logits = true;
  RowPredictors all = predictors();
  const double usual_s = predict_row(all, usual, RowDetail::seconds).predicted_s();
  EXPECT_GT(predict_row(all, gathers, RowDetail::seconds).predicted_s(), usual_s);
}

TEST_F(TakeExam, TheRowNearestToAllOthersCalibrates) {
  add("a", 1, 1.1);
  add("a", 64, 1.1);
  add("a", 8, 1);
  const ExamResult result = take();
  ASSERT_EQ(result.groups.size(), 1U);
  EXPECT_NEAR(*result.groups.front().efficiency, 0.8, 1e-6);
  EXPECT_EQ(result.groups.front().place, "steps.csv:4");
  EXPECT_FALSE(result.answers[0].calibrates);
  EXPECT_NEAR(result.answers[0].error(), 1 / 1.1 - 1, 1e-6);
  EXPECT_LT(result.answers[0].alone.predicted_s(), result.answers[0].predicted_s) << "the file says 90 %";
}

TEST_F(TakeExam, ARowThatCalibratesIsAnsweredAsOthersAre) {
  gpu.fabric_gpus = 8;
  StepRow row = row_of("a", 8, 1);
  row.mapping.gpus_per_node = 4;
  row.node_nic_bytes_per_s = 100e9;
  StepRow joined = row;
  RowPredictors usual = predictors();
  Predictor& predictor = usual.of(joined).predictor;
  const StepModel step = predictor.step().with_efficiency(0.8);
  row.measured_s = step.predict(joined.model, joined.mapping, predictor.network(joined)).total_s;
  RowPredictors calibrated = predictors({"rows.csv", {row}, {}});
  EXPECT_NEAR(predict_row(calibrated, row).error(), 0, 1e-6) << "its nodes are joined, too";
}

double half_width(const ExamAnswer& answer) { return std::log(answer.interval_s.high / answer.interval_s.low) / 2; }

TEST_F(TakeExam, AnIntervalIsAsWideAsRowsElsewhereErr) {
  add("a", 8, 1);
  add("a", 8, 1.001);
  for (const char* family : {"b", "b", "c", "d"}) {
    add(family, 8, 1.1);
  }
  const ExamResult result = take();
  constexpr double student_3 = 3.182;  // 97.5 %, three degrees of freedom
  EXPECT_NEAR(half_width(result.answers[1]), student_3 * std::log(1.1), 1e-3);
  const std::vector<FamilyScore> scores = scores_of(result);
  ASSERT_EQ(scores.size(), 5U);
  EXPECT_EQ(scores[0].covered, 1U);
  EXPECT_EQ(scores[0].covered_fraction(), 1);
  EXPECT_EQ(scores[1].rows, 2U);
  EXPECT_EQ(scores[4].rows, 5U) << "the calibrating row is not scored";
}

TEST(FamilyScore, CoverageOfFewRowsHasAWideRange) {
  FamilyScore score;
  score.rows = 10;
  score.covered = 10;
  EXPECT_NEAR(score.covered_range().low, 0.722, 1e-3) << "Wilson's lower end of 10 in 10";
  EXPECT_NEAR(score.covered_range().high, 1, 1e-9);
  score.rows = 100;
  score.covered = 90;
  EXPECT_NEAR(score.covered_range().low, 0.826, 1e-3);
  EXPECT_NEAR(score.covered_range().high, 0.945, 1e-3);
}

TEST_F(TakeExam, FewPlacesTellNoWidth) {
  add("a", 8, 1);
  add("a", 8, 1.001);
  add("b", 8, 1.001);
  EXPECT_NEAR(half_width(take().answers[1]), known_error(StepKind::dense, Footing::stand_in), 1e-9);
  const Stack known{.name = "known", .source = "made up", .marks = {}};
  for (StepRow& row : rows.rows) {
    row.stack = &known;
  }
  EXPECT_NEAR(half_width(take().answers[1]), known_error(StepKind::dense, Footing::own), 1e-9);
}

TEST_F(TakeExam, WhatAGpuCannotHoldWasSharded) {
  add("a", 8, 1);
  const double whole = take().answers.front().alone.predicted_s();
  gpu.memory = Bytes{1};
  const ExamResult result = take();
  EXPECT_GT(result.answers.front().alone.predicted_s(), whole);
  EXPECT_TRUE(result.answers.front().alone.is_taken_as_sharded());
}

TEST_F(TakeExam, AVariantOfAStackAndShardedParametersCalibrateLast) {
  const Stack variant{.name = "variant", .source = "made up", .variant_of = "unknown", .marks = {}};
  add("a", 8, 1.2);
  add("a", 8, 1.2);
  add("a", 64, 1);
  rows.rows[0].stack = &variant;
  rows.rows[1].way.sharding = Sharding::full;
  EXPECT_TRUE(take().answers[2].calibrates);
}

TEST_F(TakeExam, AnUncalibratedRowIsWhatItsTableAloneSays) {
  const Stack efficient{.name = "efficient",
                        .source = "made up",
                        .marks = {},
                        .host_waits = false,
                        .calibrated = {{"made up", Precision::bf16, 0.6, "a row"}}};
  add("a", 1, 1);
  add("a", 16, 1.1);
  add("b", 8, 1.2);
  rows.rows[1].stack = &efficient;
  rows.rows[2].gpu = "another";
  const ExamResult exam = take();
  RowPredictors all = predictors();
  StepRows table = rows;
  const std::vector<PredictedRow> alone = predict_rows(table, all);
  ASSERT_EQ(alone.size(), exam.answers.size());
  for (std::size_t i = 0; i < alone.size(); ++i) {
    EXPECT_EQ(alone[i].predicted_s(), exam.answers[i].alone.predicted_s());
    EXPECT_EQ(alone[i].interval_s->low, exam.answers[i].alone.interval_s->low);
    EXPECT_EQ(alone[i].interval_s->high, exam.answers[i].alone.interval_s->high);
    EXPECT_EQ(alone[i].warnings(), exam.answers[i].alone.warnings());
  }
  EXPECT_EQ(alone[1].step->efficiency(), 0.6);
  EXPECT_EQ(table.skipped.front().reason, exam.skipped.front().reason);
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
  EXPECT_FALSE(result.answers[1].alone.assumes_nic) << "one node";
  EXPECT_TRUE(result.answers[2].alone.assumes_nic);
  EXPECT_EQ(scores_of(result).at(1).nics_assumed, 1U);
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

TEST(Regret, IsOfAPlannerThatLikesRoomInMemory) {
  const std::vector<StepRow> rows{on_stages(1, 3), on_stages(2, 2)};
  const auto regret_with = [&](double needed) {
    const std::vector<ExamAnswer> answers{
        {{&rows[0], nullptr, {}, {}, {Fit::fits, needed, 100}, {}}, "steps.csv:2", "a", 1},
        {{&rows[1], nullptr, {}, {}, {Fit::fits, 50, 100}, {}}, "steps.csv:3", "a", 1.03}};
    return regret_of({&answers[0], &answers[1]});
  };
  EXPECT_NEAR(*regret_with(70), 0.5, 1e-12);
  EXPECT_EQ(*regret_with(90), 0);
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
