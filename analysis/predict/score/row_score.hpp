#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "predict/score/predicted_rows.hpp"

namespace hockney::predict {

/// |predicted / measured - 1| over rows, as fractions.
struct RowErrors {
  std::string name;
  std::size_t rows = 0;
  double mean = 0;  ///< MAPE
  double signed_mean = 0;
  double median = 0;
  double p95 = 0;
};

/// Errors over the measured rows of `rows`, all together. Needs at least one measured row.
RowErrors errors_of(std::span<const PredictedRow> rows, std::string name);

/// Errors by source, in order of first appearance, measured rows only.
std::vector<RowErrors> errors_by_source(std::span<const PredictedRow> rows);

/// Spearman's rank correlation of predicted and measured seconds over the measured rows, ties at their mean rank;
/// nothing where all are predicted or measured alike, a single row among them.
std::optional<double> rank_correlation(std::span<const PredictedRow> rows);

/// ratio_errors() compares every row with every other: beyond so many it takes longer than anybody waits.
inline constexpr std::size_t most_rows_with_ratios = 2000;

/// Errors of predicted ratios: |(b'/a') / (b/a) - 1| over pairs of measured rows of one source and one model that
/// differ in one step, by kind of step:
///   tp x2, pp x2     twice the shards or stages and half the replicas on as many GPUs, or half the other of the two
///   mbs x2           twice the micro-batch
///   interleaving     another number of virtual stages
///   recompute        full against selective or none, sequence parallelism with it
///   gbs              a larger global batch
///   nic              a faster NIC
///   dp x2            twice the replicas, global batch in proportion
/// Everything else alike. Kinds without a pair are left out.
std::vector<RowErrors> ratio_errors(std::span<const PredictedRow> rows);

}  // namespace hockney::predict
