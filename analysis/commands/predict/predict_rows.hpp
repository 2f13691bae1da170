#pragma once

#include <string>

#include "commands/predict/step_inputs.hpp"

namespace hockney::commands {

/// Predicts every row of a table of training runs, writes the table with predictions to `out` ("/dev/stdout" and "-":
/// standard output), and prints how far predictions are from measurements. Throws InputError for bad rows.
void predict_rows(const StepFlags& flags, const std::string& rows, const std::string& out);

}  // namespace hockney::commands
