#pragma once

#include <span>
#include <string>
#include <vector>

#include "cost/cost_model.hpp"
#include "predict/step/step_prediction.hpp"
#include "record/measurement.hpp"

namespace hockney::predict {

/// A replayed step and what a cost model says of it. Times in s.
struct StepComparison {
  Case point;
  Flags flags;                                                ///< union over its visits
  Summary measured;                                           ///< of the whole step, all passes of one launch
  double compute_s = 0;                                       ///< busy time on the critical path: compute_of()
  double communication_s = 0;                                 ///< measured median less compute
  Interval communication_interval_s;                          ///< 95 % of that median, within the launch
  StepTime predicted;                                         ///< communication_of() the step
  Interval predicted_interval_s;                              ///< 95 %, of its total
  cost::IntervalBasis basis = cost::IntervalBasis::launches;  ///< the weakest of its messages
  bool extrapolated = false;  ///< some message lies outside the measured sizes or rank counts
  bool substituted = false;   ///< some message is answered by a curve of another fabric class

  /// predicted / measured, of the communication.
  double ratio() const { return predicted.total_s / communication_s; }
};

/// The curves that answer for a replayed step, best first choice of their kind: those of the step's transport;
/// collectives back to back (stream, graph) where the step has no compute between them and such curves are there, else
/// the others; pipelines with the number of micro-batches nearest to the step's, on the log scale.
cost::CostModel curves_for_replay(const cost::CostModel& model, const Case& point);

/// Compares the visits of one step_replay point in one launch with the model, through a StepNetwork without
/// Addition::host_wait: replaying ranks do not synchronise their hosts as Megatron-LM does. Throws InputError as
/// predict_communication() does, and when the busy time alone is as long as the measured step.
StepComparison compare_step(const cost::CostModel& model, std::span<const Measurement* const> visits);

/// Of |predicted / measured - 1|.
cost::ErrorQuantiles ratio_errors(std::span<const StepComparison> comparisons);

/// Comparisons whose two 95 % intervals meet.
std::size_t intervals_that_meet(std::span<const StepComparison> comparisons);

}  // namespace hockney::predict
