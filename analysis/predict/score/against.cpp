#include "predict/score/against.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

#include "base/error.hpp"
#include "plan/replay.hpp"

namespace hockney::predict {
namespace {

bool is_back_to_back(Mode mode) { return mode == Mode::stream || mode == Mode::graph; }

// Curves of one operation: keeps those that a predicate admits, where it admits any.
template <class Admits>
void prefer(std::vector<cost::CostCurve>& curves, Operation operation, Admits admits) {
  const auto is_meant = [&](const cost::CostCurve& curve) { return curve.shape.operation == operation; };
  const bool any = std::any_of(curves.begin(), curves.end(),
                               [&](const cost::CostCurve& curve) { return is_meant(curve) && admits(curve.shape); });
  std::erase_if(curves, [&](const cost::CostCurve& curve) { return any && is_meant(curve) && !admits(curve.shape); });
}

double distance(std::uint32_t a, std::uint32_t b) {
  return std::abs(std::log2(static_cast<double>(a)) - std::log2(static_cast<double>(b)));
}

double nearest_distance(const std::vector<cost::CostCurve>& curves, Operation operation, std::uint32_t micro_batches) {
  double nearest = std::numeric_limits<double>::infinity();
  for (const cost::CostCurve& curve : curves) {
    if (curve.shape.operation == operation && curve.shape.micro_batches() > 0) {
      nearest = std::min(nearest, distance(curve.shape.micro_batches(), micro_batches));
    }
  }
  return nearest;
}

Flags flags_of(std::span<const Measurement* const> visits) {
  Flags flags;
  for (const Measurement* visit : visits) {
    flags.bits |= visit->flags.bits;
  }
  return flags;
}

}  // namespace

cost::CostModel curves_for_replay(const cost::CostModel& model, const Case& point) {
  cost::CostModel chosen = model;
  std::erase_if(chosen.curves, [&](const cost::CostCurve& curve) { return curve.shape.transport != point.transport; });
  const bool without_compute = point.step().compute_s <= 0;
  for (const auto& [operation, name] : Names<Operation>::table) {
    if (is_collective(operation)) {
      prefer(chosen.curves, operation,
             [&](const Case& shape) { return is_back_to_back(shape.mode) == without_compute; });
    }
    if (is_pipeline(operation)) {
      const double nearest = nearest_distance(chosen.curves, operation, point.micro_batches());
      prefer(chosen.curves, operation, [&](const Case& shape) {
        return shape.micro_batches() > 0 && distance(shape.micro_batches(), point.micro_batches()) <= nearest;
      });
    }
  }
  return chosen;
}

StepComparison compare_step(const cost::CostModel& model, std::span<const Measurement* const> visits) {
  StepComparison comparison;
  comparison.point = visits.front()->point;
  comparison.flags = flags_of(visits);
  comparison.measured = summarise(visits);
  comparison.compute_s = compute_of(comparison.point).count();
  comparison.communication_s = comparison.measured.median_s - comparison.compute_s;
  if (!(comparison.communication_s > 0)) {
    throw InputError(fmt::format("{}: took {}, no longer than the {} of busy time in it", comparison.point.name(),
                                 to_string(Seconds{comparison.measured.median_s}),
                                 to_string(Seconds{comparison.compute_s})));
  }
  const Interval whole = comparison.measured.median_interval_s;
  comparison.communication_interval_s = {std::max(0.0, whole.low - comparison.compute_s),
                                         std::max(0.0, whole.high - comparison.compute_s)};
  const cost::CostModel curves = curves_for_replay(model, comparison.point);
  StepNetwork network(curves, StepConstants{}, {.without = {Addition::host_wait}});
  const StepPrediction prediction = predict_communication(
      comparison.point.step().model, comparison.point.step().mapping, CriticalStage::last, network);
  comparison.predicted = prediction.time;
  comparison.predicted_interval_s = prediction.draws.interval(step_parts().back(), prediction.time.total_s);
  for (const StepLine& line : prediction.lines) {
    comparison.basis = std::max(comparison.basis, line.answer.estimate.basis);
    comparison.substituted = comparison.substituted || line.answer.is_substitute();
    comparison.extrapolated = comparison.extrapolated || line.answer.estimate.extrapolated;
  }
  return comparison;
}

cost::ErrorQuantiles ratio_errors(std::span<const StepComparison> comparisons) {
  std::vector<double> errors(comparisons.size());
  std::transform(comparisons.begin(), comparisons.end(), errors.begin(),
                 [](const StepComparison& each) { return std::abs(each.ratio() - 1); });
  return cost::quantiles_of(errors);
}

std::size_t intervals_that_meet(std::span<const StepComparison> comparisons) {
  return static_cast<std::size_t>(std::count_if(comparisons.begin(), comparisons.end(), [](const StepComparison& each) {
    return each.predicted_interval_s.low <= each.communication_interval_s.high &&
           each.communication_interval_s.low <= each.predicted_interval_s.high;
  }));
}

}  // namespace hockney::predict
