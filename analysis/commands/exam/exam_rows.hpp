#pragma once

#include <string>
#include <vector>

#include "commands/view_output.hpp"

namespace hockney::commands {

/// Prints how far the step model is from the published steps of `tables`. Networks are those that the GPU files name,
/// and a row's own NICs between nodes. Throws InputError as predict::read_exam_rows().
void exam_rows(const std::vector<std::string>& tables, const ViewOutput& output);

}  // namespace hockney::commands
