#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "predict/score/predicted_rows.hpp"

namespace hockney::predict {

/// The rows of one GPU, precision and stack, and the row that sets its efficiency: a dense model before one with
/// experts, whole parameters before sharded ones, the stack before its variants; of these the one that is least far
/// from all of them together, as sum of |log ratios| of GPUs, tensor and pipeline size, micro-batch, hidden size,
/// sequence, and tokens per GPU and step, the first among equals: others are asked for as little beyond it as can be.
/// What is measured does not choose it. It is predicted, too, but not scored.
struct ExamGroup {
  std::string name;                  ///< "h100 fp8 nemo"
  std::string place;                 ///< of the row that calibrates
  std::optional<double> efficiency;  ///< nothing where the row's time cannot be met
};

/// A row as `predict --rows` answers it ("uncalibrated"), and with the efficiency of its group.
struct ExamAnswer {
  PredictedRow alone;      ///< predict_row()
  std::string place;       ///< "runs.csv:7"
  std::string family;      ///< of the row
  double predicted_s = 0;  ///< with the efficiency of its group
  Interval interval_s{};   ///< 95 %, of predicted_s
  bool calibrates = false;

  const StepRow& row() const { return *alone.row; }
  double measured_s() const { return *row().measured_s; }
  double error() const { return predicted_s / measured_s() - 1; }
  bool is_covered() const { return measured_s() >= interval_s.low && measured_s() <= interval_s.high; }
};

struct ExamResult {
  std::vector<ExamAnswer> answers;
  std::vector<ExamGroup> groups;
  std::vector<SkippedLine> skipped;
  std::vector<std::string> ignored_columns;  ///< of each table that has some
};

/// Predicts every row that has a measured time. An interval is as wide as errors elsewhere ask for: on
/// rows of the same program and kind (StepKind) of another family, GPU, precision or stack. A place is a family with a
/// GPU, precision and stack; the width is the root mean square of log(predicted / measured), every place counting once,
/// times the 97.5 % quantile of Student's t with as many degrees of freedom as places. With fewer than 3 places those
/// of the kind in other families count, and with fewer than 3 of these the width is known_error() with the program's
/// own row. None is narrower than `launch_noise`, nor than known_error() of Footing::stand_in where no stack is known.
ExamResult take_exam(std::span<StepRows> tables, RowPredictors& predictors);

/// |log| noise from launch to launch that no interval goes below: 1 % at the 90th percentile of MLPerf Training v3.0
/// and v3.1's repeated launches, as a half width of 95 %.
inline constexpr double launch_noise = 0.012;

/// The regret of choosing by prediction (ranked_s(), as hockney plan does) among the mappings of one model as the table
/// states it, number of GPUs, batch, network, precision, stack and release (the source up to its first comma): time of
/// the chosen over that of the fastest, less 1, mean over all with two mappings or more; nothing without one. A mapping
/// that is there several times takes its mean times.
std::optional<double> regret_of(const std::vector<const ExamAnswer*>& answers);

/// Scores of one family. Fractions; over rows that did not calibrate.
struct FamilyScore {
  std::string family;
  std::size_t rows = 0;
  double mean = 0;
  double median = 0;
  double p95 = 0;
  double bias = 0;
  double uncalibrated_mean = 0;
  std::optional<double> rank_correlation;  ///< as rank_correlation()
  std::size_t covered = 0;                 ///< rows whose interval holds what was measured
  std::size_t uncalibrated_covered = 0;    ///< the same with predict_row()'s interval
  std::optional<double> regret;
  std::optional<double> said_to_fit;  ///< in memory, tight ones included, of rows that state their recomputation
  std::size_t nics_assumed = 0;       ///< rows with PredictedRow::assumes_nic

  double covered_fraction() const { return static_cast<double>(covered) / static_cast<double>(rows); }

  /// 95 % of that share, of as many rows that err independently (Wilson 1927).
  Interval covered_range() const;
};

/// By family, in order of first appearance, then all together.
std::vector<FamilyScore> scores_of(const ExamResult& result);

}  // namespace hockney::predict
