#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "predict/memory/step_memory.hpp"
#include "predict/score/row_predictors.hpp"
#include "predict/score/step_rows.hpp"
#include "predict/step/step_prediction.hpp"

namespace hockney::predict {

/// A row and what the step model says of it. `row` points into its table, `step` is the model that said it.
struct PredictedRow {
  const StepRow* row = nullptr;
  const StepModel* step = nullptr;
  StepTime time;
  std::optional<Interval> interval_s;  ///< 95 %, of the step; nothing where it was not asked for
  /// As the row states its sharding. One that does not state its recomputation, or its sharding, is taken to have as
  /// little in memory as those may leave where it would not fit otherwise, and fits tightly at best.
  MemoryVerdict memory;
  std::shared_ptr<const std::vector<std::string>> network_warnings;  ///< shared by rows that are answered alike
  bool assumes_nic = false;                                          ///< Predictor::assumes_nic()
  StepNetwork* network = nullptr;                                    ///< that timed it

  double predicted_s() const { return time.total_s; }

  /// predicted / measured - 1. Needs a measured row.
  double error() const { return time.total_s / *row->measured_s - 1; }

  /// Whether the interval holds what was measured. Needs both.
  bool is_covered() const { return *row->measured_s >= interval_s->low && *row->measured_s <= interval_s->high; }

  /// Its parameters are taken as sharded though the row does not say so: RowPredictors::of().
  bool is_taken_as_sharded() const { return step != nullptr && step->way().sharding != row->way.sharding; }

  /// As warnings_about_step(), and of a row that is_taken_as_sharded() (SHARDED).
  std::vector<std::string> warnings() const;
};

/// What a prediction of a row is to hold.
enum class RowDetail {
  seconds,    ///< no interval
  intervals,  ///< propagated_interval()
};

/// The one rule by which a row of a table is answered, alone and in an exam. Throws InputError as RowPredictors::of()
/// and StepModel::predict(). `row` and `predictors` must outlive the result.
PredictedRow predict_row(RowPredictors& predictors, StepRow& row, RowDetail detail = RowDetail::intervals);

/// Predicts all rows of a table. A row that cannot be is skipped with its reason, beside those that could not be read.
/// Throws InputError where none is left. `table` and `predictors` must outlive the result.
std::vector<PredictedRow> predict_rows(StepRows& table, RowPredictors& predictors,
                                       RowDetail detail = RowDetail::intervals);

/// The rows of a table as they were read, with the columns predicted_s, predicted_low_s and predicted_high_s (where the
/// first row has an interval), one per part of the step, and hidden_s.
std::string with_predictions(const StepRows& table, std::span<const PredictedRow> rows);

}  // namespace hockney::predict
