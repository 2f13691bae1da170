#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "predict/memory/step_memory.hpp"
#include "predict/step/step_interval.hpp"
#include "predict/step/step_line.hpp"
#include "predict/step/step_model.hpp"

namespace hockney::predict {

/// What a prediction is of.
enum class Scope {
  step,           ///< a whole training step
  communication,  ///< its messages alone, nothing overlapped: communication_of()
};

struct ScopeNames {
  static constexpr std::string_view what = "scope";
  static constexpr std::array<NamedValue<Scope>, 2> table{
      {{Scope::step, "step"}, {Scope::communication, "communication"}}};
};
ScopeNames names_of(Scope);

/// FLOPs of a step that the model needs, whatever is computed again (2205.05198 section 6.3): 72 B L s h^2 (1 + s/6h +
/// V/12hL) for the GPT shape, in general 6 FLOPs per weight of the matrices and token and 12 L s h per token for
/// attention.
double model_flops(const Transformer& model, const Mapping& mapping);

/// One training step, predicted, with what stands behind it.
struct StepPrediction {
  Scope scope = Scope::step;
  Transformer model;
  Mapping mapping;
  Gpu gpu;            ///< of a whole step, as are the next five
  std::string stack;  ///< its name
  Precision precision = Precision::bf16;
  double efficiency = 0;
  std::string efficiency_origin;
  StepMemory memory;
  std::string cost_name;
  std::vector<std::string> cost_sources;
  StepTime time;
  StepDraws draws;
  std::vector<StepLine> lines;
  std::vector<std::string> warnings;

  double tokens_per_step() const {
    return static_cast<double>(mapping.global_batch) * static_cast<double>(model.sequence);
  }

  /// Model FLOPs utilisation: model_flops() over what all GPUs' matrix units could do in the time.
  double model_flops_utilisation() const;

  /// What a step costs at a price per GPU and hour, and a million trained tokens.
  double cost_per_step(double cost_per_gpu_hour) const;
  double cost_per_million_tokens(double cost_per_gpu_hour) const;
};

/// What a user must know of a step's prediction, each beginning with its kind: warnings_about() its messages; that the
/// GPU's memory does not hold it, or hardly (MEMORY); that the GPU's efficiency is another's (NOT CALIBRATED). Without
/// the draws of predict_step(). The mapping is taken as checked. Throws as StepModel::predict().
std::vector<std::string> warnings_about_step(const StepModel& step, const Transformer& model, const Mapping& mapping,
                                             StepNetwork& network);

/// Of those, the ones about the GPU: MEMORY and NOT CALIBRATED.
std::vector<std::string> warnings_about_gpu(const StepModel& step, const MemoryVerdict& memory);

/// What a step takes on the fullest GPU, its state sharded as its way says, else as the mapping does.
StepMemory memory_of(const RunWay& way, const Transformer& model, const Mapping& mapping);

/// Predicts a step with its messages and intervals. Throws as check() and StepModel::predict().
StepPrediction predict_step(const StepModel& step, const Transformer& model, const Mapping& mapping,
                            StepNetwork& network);

/// Predicts the communication of a step with its messages and intervals, those of the curves alone. Throws as check()
/// and communication_of().
StepPrediction predict_communication(const Transformer& model, const Mapping& mapping, CriticalStage critical,
                                     StepNetwork& network);

}  // namespace hockney::predict
