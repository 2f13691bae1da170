#include "predict/score/exam.hpp"

#include <cmath>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "predict/step/small_step.hpp"

namespace hockney::predict {
namespace {

ExamRow row_of(const std::string& family, std::uint64_t data, double measured_s) {
  ExamRow row;
  row.file = "steps.csv";
  row.family = family;
  row.stack = "made up";
  row.run.model = synthetic::small_transformer();
  row.run.mapping.data = data;
  row.run.mapping.global_batch = 64;
  row.run.gpu = "made up";
  row.run.measured_s = measured_s;
  return row;
}

/// Rows that a GPU of 80 % of the peak would have measured, but for the factors given.
class TakeExam : public testing::Test {
 protected:
  double seconds_at(double efficiency, const ExamRow& row) {
    return StepModel(gpu, small.constants, efficiency, row.way)
        .predict(row.run.model, row.run.mapping, small.network)
        .total_s;
  }

  void add(const std::string& family, std::uint64_t data, double factor) {
    ExamRow row = row_of(family, data, 1);
    row.run.line = rows.rows.size() + 2;
    row.run.measured_s = factor * seconds_at(0.8, row);
    rows.rows.push_back(row);
  }

  ExamResult take() {
    return take_exam(rows, small.constants,
                     {[this](const ExamRow& row) -> const Gpu& {
                        if (row.run.gpu != gpu.name) {
                          throw InputError("no such GPU");
                        }
                        return gpu;
                      },
                      [this](const ExamRow&) -> StepNetwork& { return small.network; }});
  }

  synthetic::SmallStep small;
  Gpu gpu = synthetic::round_gpu();
  ExamRows rows;
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

TEST_F(TakeExam, AnIntervalIsAsWideAsOtherFamiliesErr) {
  add("a", 1, 1);
  add("a", 8, 1.001);
  add("b", 8, 1.2);
  const ExamResult result = take();
  const Interval& of_a = result.answers[1].interval_s;
  EXPECT_NEAR(std::log(of_a.high / of_a.low) / 2, std::log(1.2), 1e-3);
  const Interval& of_b = result.answers[2].interval_s;
  EXPECT_NEAR(std::log(of_b.high / of_b.low) / 2, launch_noise, 1e-9);
  const std::vector<FamilyScore> scores = scores_of(result);
  ASSERT_EQ(scores.size(), 3U);
  EXPECT_EQ(scores[0].covered, 1);
  EXPECT_EQ(scores[1].covered, 0);
  EXPECT_EQ(scores[2].rows, 2U) << "the calibrating row is not scored";
}

TEST_F(TakeExam, WhatCannotBePredictedIsSkippedWithItsReason) {
  add("a", 1, 1);
  add("a", 2, 1);
  rows.rows[0].run.gpu = "another";
  rows.rows[1].run.measured_s.reset();
  add("a", 8, 1);
  const ExamResult result = take();
  EXPECT_EQ(result.answers.size(), 1U);
  ASSERT_EQ(result.skipped.size(), 2U);
  EXPECT_EQ(result.skipped[0].reason, "no such GPU");
  EXPECT_NE(result.skipped[1].reason.find("measured_s"), std::string::npos);
}

TEST_F(TakeExam, RegretIsWhatTheChosenMappingTakesLonger) {
  ExamRow slow = row_of("a", 8, 3);
  ExamRow fast = row_of("a", 8, 2);
  ExamAnswer chosen{&slow, 1, 1, {}, false};
  ExamAnswer other{&fast, 1.5, 1.5, {}, false};
  EXPECT_NEAR(*regret_of({&chosen, &other}), 0.5, 1e-12);
  EXPECT_FALSE(regret_of({&chosen}).has_value());
}

}  // namespace
}  // namespace hockney::predict
