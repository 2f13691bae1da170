#pragma once

#include <span>
#include <string>

#include "predict/step/message_cells.hpp"
#include "predict/step/step_prediction.hpp"

namespace hockney::views {

/// Money, where a price was given.
struct Price {
  double per_gpu_hour = 0;
};

/// What `hockney predict` shows of one or several steps side by side. Times in ms, intervals of 95 %.
struct StepScreen {
  std::string header;                          ///< model, mapping, GPU, cost model, warnings, of every step
  predict::ScreenTable parts;                  ///< seconds by part: exposed, interval, share, hidden; per step
  std::string bar;                             ///< one bar of fixed width per step, a letter per part
  std::vector<predict::ScreenTable> messages;  ///< per step: every message, what answered, exposed and hidden time
  std::string footnotes;                       ///< the curves and remarks behind the messages
  std::string footer;                          ///< utilisation, money, comparison, what the numbers count
};

/// Puts steps into words. All must have the same number of draws. `names` has one name per step.
StepScreen screen_of(std::span<const predict::StepPrediction> steps, std::span<const std::string> names,
                     const std::optional<Price>& price);

/// The steps as JSON text, schema "hockney step prediction" 2.0.0; units stand in the keys.
std::string to_json(std::span<const predict::StepPrediction> steps, std::span<const std::string> names,
                    const std::optional<Price>& price);

/// The parts as comma-separated values: step, part, exposed_s, low_s, high_s, share_fraction, hidden_s,
/// and with a price cost, what the part's seconds cost on all GPUs.
std::string to_csv(std::span<const predict::StepPrediction> steps, std::span<const std::string> names,
                   const std::optional<Price>& price);

}  // namespace hockney::views
