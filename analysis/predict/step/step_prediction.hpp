#pragma once

#include <optional>
#include <string>
#include <vector>

#include "predict/step/prediction.hpp"
#include "predict/step/step_interval.hpp"
#include "predict/step/step_memory.hpp"
#include "predict/step/step_model.hpp"

namespace hockney::predict {

/// One message of a step with the answer of the cost model.
struct StepLine {
  Line line;  ///< message, answer
  Wait once;  ///< of one of its operations

  double exposed_s() const { return once.exposed_s * static_cast<double>(line.message.count); }
  double hidden_s() const { return once.hidden_s * static_cast<double>(line.message.count); }
};

/// One training step, predicted, with what stands behind it.
struct StepPrediction {
  Transformer model;
  Mapping mapping;
  Gpu gpu;
  double efficiency = 0;
  std::string efficiency_origin;
  std::string cost_name;
  std::vector<std::string> cost_sources;
  StepMemory memory;
  StepTime time;
  StepDraws draws;
  std::vector<StepLine> lines;
  std::vector<std::string> warnings;

  double tokens_per_step() const {
    return static_cast<double>(mapping.global_batch) * static_cast<double>(model.sequence);
  }

  /// Model FLOPs utilisation (2205.05198 section 6.3): 72 B L s h^2 (1 + s/6h + V/12hL) for the GPT shape, in general
  /// 6 FLOPs per weight of the matrices and token and 12 L s h per token for attention, over what all GPUs' matrix
  /// units could do in the time.
  double model_flops_utilisation() const;

  /// What a step costs at a price per GPU and hour, and a million trained tokens.
  double cost_per_step(double cost_per_gpu_hour) const;
  double cost_per_million_tokens(double cost_per_gpu_hour) const;
};

/// What a user must know of a step's prediction, each beginning with its kind: warnings_about() its messages; that the
/// GPU's memory does not hold it (MEMORY); that the GPU's efficiency is another's (NOT CALIBRATED). Without the draws
/// of predict_step(). The mapping is taken as checked. Throws as StepModel::predict().
std::vector<std::string> warnings_about_step(const StepModel& step, const Transformer& model, const Mapping& mapping,
                                             StepNetwork& network);

/// Predicts a step with its messages and intervals. Throws as StepModel::predict().
StepPrediction predict_step(const StepModel& step, const Transformer& model, const Mapping& mapping,
                            StepNetwork& network);

}  // namespace hockney::predict
