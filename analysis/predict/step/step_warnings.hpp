#pragma once

#include <span>
#include <string>
#include <vector>

#include "predict/network/doubts.hpp"
#include "predict/step/step_line.hpp"

namespace hockney::predict {

/// warnings_of() what answered a step's messages.
std::vector<std::string> warnings_about(std::span<const StepLine> lines);

}  // namespace hockney::predict
