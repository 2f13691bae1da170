#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "predict/step/step_line.hpp"

namespace hockney::predict {

/// The doubts about what answered a step's messages, each beginning with its kind: SUBSTITUTED (another fabric than the
/// group lies on, one sentence per kind of message) first.
std::vector<std::string> warnings_about(std::span<const StepLine> lines);

/// Whether a warning is a substitution.
bool is_substitution(std::string_view warning);

}  // namespace hockney::predict
