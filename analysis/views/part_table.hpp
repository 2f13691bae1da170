#pragma once

#include <span>
#include <string>
#include <vector>

#include "predict/step/step_prediction.hpp"
#include "render/view.hpp"

namespace hockney::views {

/// The parts that a prediction's seconds fall into, the whole last: all of step_parts(); of communication alone those
/// that communicate.
std::vector<predict::StepPart> parts_of(const predict::StepPrediction& prediction);

/// What every part takes: seconds that the step waits for, their 95 % interval, the share of the whole, seconds hidden
/// behind computation, and where money is asked for, its cost (0: not asked).
render::Table part_table(const predict::StepPrediction& prediction, double cost_per_gpu_hour);

/// The parts that occur in some step, for people: the columns of all steps side by side, and beneath them a bar of
/// fixed width per step with a letter per part.
render::Table parts_side_by_side(std::span<const predict::StepPrediction> steps, std::span<const std::string> names);

}  // namespace hockney::views
