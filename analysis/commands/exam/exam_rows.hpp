#pragma once

#include <string>
#include <vector>

#include "commands/view_output.hpp"

namespace hockney::commands {

/// Prints how far the step model is from the published steps of `files`. Networks are those that the GPU files name,
/// and a row's own NICs between nodes. Throws InputError as predict::read_step_rows() and where no row
/// can be predicted.
void exam_rows(const std::vector<std::string>& files, const ViewOutput& output);

}  // namespace hockney::commands
