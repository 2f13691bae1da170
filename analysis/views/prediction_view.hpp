#pragma once

#include <optional>
#include <span>
#include <string>

#include "predict/step/step_prediction.hpp"
#include "render/view.hpp"

namespace hockney::views {

/// Money, where a price was given.
struct Price {
  double per_gpu_hour = 0;
};

/// What `hockney predict` shows of one or several predictions of one scope: schema "hockney step prediction" 3.2.0, an
/// array "steps" of which each has its transformer, mapping, parts and messages. A terminal shows the parts side by
/// side, a bar of fixed width per step, and the messages unless `brief`. All must have the same number of draws;
/// `names` has one name per step.
render::View prediction_view(std::span<const predict::StepPrediction> steps, std::span<const std::string> names,
                             const std::optional<Price>& price, bool brief);

/// The same for CSV, without what is for people: the tables "parts" and "messages", each row with its step's name.
render::View prediction_tables(std::span<const predict::StepPrediction> steps, std::span<const std::string> names,
                               const std::optional<Price>& price);

}  // namespace hockney::views
