#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cost/cost_model.hpp"
#include "predict/network/curve_chooser.hpp"
#include "predict/network/line_rate.hpp"
#include "workload/mapping.hpp"
#include "workload/messages.hpp"
#include "workload/transformer.hpp"

namespace hockney::predict {

/// One message and what the cost model says of it.
struct Line {
  Message message;
  Answer answer;

  double value_s() const { return answer.estimate.value_s * static_cast<double>(message.count); }
  double low_s() const { return answer.estimate.low_s * static_cast<double>(message.count); }
  double high_s() const { return answer.estimate.high_s * static_cast<double>(message.count); }
};

/// A time per step, s. low <= value <= high.
struct Sum {
  double value_s = 0;
  double low_s = 0;
  double high_s = 0;
  cost::IntervalBasis basis = cost::IntervalBasis::launches;  ///< the weakest of its parts
};

/// The sum of lines. Its 95 % interval:
///   Lines that read the same curve share its error. If all of them lie inside its segments and rest on the same two or
///   more launches, each launch gets its own sum, and the interval is Student's t over the logs of those sums,
///   stretched to hold the value: the rule of CostCurve::at for one launch-wise sum. Otherwise their half widths add
///   up. Different curves are taken as independent: the half widths above and below the value add in quadrature.
/// An interpolated line counts as its lower curve. A stated line rate has no width, a substituted line only its
/// curve's own: what the statement or the substitution gets wrong is not in the interval.
Sum sum_of(std::span<const Line> lines);

/// Lines of one cause, added up.
struct CauseSum {
  Cause cause = Cause::tensor;
  Sum sum;
  double share = 0;  ///< of the whole communication
};

/// What is asked, beside the cost model.
struct PredictionRequest {
  Transformer transformer;
  Mapping mapping;
  std::optional<LineRate> line_rate;
  bool strict = false;
};

/// Communication of one training step on the critical path, nothing overlapped. Holds pointers into the cost model.
struct Prediction {
  PredictionRequest request;
  const cost::CostModel* cost_model = nullptr;
  std::vector<Line> lines;       ///< in the order of step_messages()
  std::vector<CauseSum> causes;  ///< causes that occur, in declaration order
  Sum total;
  std::vector<std::string> warnings;  ///< warnings_about(lines)
};

/// Throws InputError for a model with a curve that has a flag of no_network_constant.
void require_network_constants(const cost::CostModel& cost_model);

/// The doubts about what answered the lines, each beginning with its kind: SUBSTITUTED (another fabric than the group
/// lies on, one sentence per kind of message) first.
std::vector<std::string> warnings_about(std::span<const Line> lines);

/// Of those the substitutions.
bool is_substitution(std::string_view warning);

/// Predicts. `cost_model` must outlive the result. Throws InputError as check() and CurveChooser::answer() do, and
/// for a model with a curve that has a flag of no_network_constant.
Prediction predict(const cost::CostModel& cost_model, const PredictionRequest& request);

/// What the numbers count and leave out, one sentence per entry; the same on the screen and in JSON.
std::vector<std::string> conventions(const PredictionRequest& request);

}  // namespace hockney::predict
