#pragma once

#include <span>
#include <string>
#include <vector>

#include "predict/score/training_rows.hpp"
#include "predict/step/step_prediction.hpp"

namespace hockney::predict {

/// A row and what the step model says of it. `row` points into its table.
struct PredictedRow {
  const TrainingRow* row = nullptr;
  StepTime time;
  Interval interval_s;  ///< 95 %, of the step
  std::vector<std::string> warnings;

  double predicted_s() const { return time.total_s; }

  /// predicted / measured - 1. Needs a measured row.
  double error() const { return time.total_s / *row->measured_s - 1; }
};

/// Throws InputError as StepModel::predict().
PredictedRow predict_row(const StepModel& step, const TrainingRow& row, StepNetwork& network);

/// The table as it was read, with the columns predicted_s, predicted_low_s, predicted_high_s, one per part of the step,
/// and hidden_s.
std::string with_predictions(const TrainingRows& table, std::span<const PredictedRow> rows);

}  // namespace hockney::predict
