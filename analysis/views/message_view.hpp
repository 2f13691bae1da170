#pragma once

#include <span>
#include <string>

#include "predict/step/step_line.hpp"
#include "render/view.hpp"

namespace hockney::views {

/// Messages by themselves, of no step: seconds of one operation with their 95 % interval, algbw and busbw, and the
/// curve and segment that answered. Of a line its `message` and `answer` are read.
render::View message_view(std::span<const predict::StepLine> lines, const std::string& cost_name);

}  // namespace hockney::views
