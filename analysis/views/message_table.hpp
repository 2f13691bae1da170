#pragma once

#include "predict/step/step_prediction.hpp"
#include "render/view.hpp"

namespace hockney::views {

/// The messages of a prediction and what answered them: group, payload, count per step, seconds of one operation with
/// its interval and additions, curves and segments, and what of it the step waits for. Curves and remarks are footnotes
/// on a terminal. Of communication alone nothing is hidden.
render::Table message_table(const predict::StepPrediction& prediction);

}  // namespace hockney::views
