#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "predict/step/step_model.hpp"

namespace hockney::predict {

/// The seconds of a step as the report names them: compute, the causes, bubble with its computation, optimizer, total.
struct StepPart {
  std::string_view name;
  double (*seconds)(const StepTime&);
  double (*hidden)(const StepTime&);
};

/// Every part, in order of the report; the last one is the step.
std::span<const StepPart> step_parts();

/// Predictions of the same steps in the same draws: draws[k] of two mappings are wrong in the same way.
struct StepDraws {
  std::vector<StepTime> draws;

  /// 95 % interval of one part, stretched to hold `value`.
  Interval interval(const StepPart& part, double value) const;
};

/// How much slower than another, a fraction, a mapping of the same model may be and not be told apart from it: 95 %, by
/// mapping_error of both; what they have in common cancels.
double doubt_between_mappings(const StepConstants& constants);

/// Draws of a Monte Carlo run.
inline constexpr std::uint64_t default_draws = 200;

/// Predicts the step `draws` times with the network's curves shifted (StepNetwork::draw()), and all seconds multiplied
/// by exp(StepModel::common_error() z + mapping_error y): z depends on the draw and the GPU, y also on model and
/// mapping. What two steps have in common cancels in their ratio: steps that differ in their network alone differ by
/// the networks' errors alone. Leaves the network at draw 0.
StepDraws draw_steps(const StepModel& step, const Transformer& model, const Mapping& mapping, StepNetwork& network,
                     std::uint64_t draws = default_draws);

/// The 95 % interval of a step's seconds without draws: what each curve's deviate of -1.96 and 1.96 alone, and the
/// model's and the mapping's error, do to the logarithm of the total, on either side as the root of the sum of squares.
/// Exact for one such error, or where the logarithm is linear in them; as fast as two calls of predict() per curve.
/// `time` is what StepModel::predict() said within StepNetwork::remember(), just before. The network must be at draw 0
/// and is left there. Throws InputError as StepModel::predict().
Interval propagated_interval(const StepModel& step, const Transformer& model, const Mapping& mapping,
                             StepNetwork& network, const StepTime& time);

/// The same of communication_of(): the curves' own errors alone.
StepDraws draw_communication(const Transformer& model, const Mapping& mapping, CriticalStage critical,
                             StepNetwork& network, std::uint64_t draws = default_draws);

/// 95 % interval of the seconds of one step over those of another, stretched to hold `ratio`. Both must have as many
/// draws, in which what the two have in common cancels.
Interval ratio_interval(const StepDraws& step, const StepDraws& over, double ratio);

/// Share of the draws in which `a` is faster than `b`, 0 to 1. Both must have as many draws.
double share_faster(const StepDraws& a, const StepDraws& b);

}  // namespace hockney::predict
