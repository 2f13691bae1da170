#pragma once

#include <filesystem>

#include "base/strict_table.hpp"
#include "plan/plan.hpp"

namespace hockney::inline plan {

/// Reads one [[matmul]] table; `models` is the folder of the shipped models. Throws InputError (file, line, key).
MatmulSection read_matmul_section(StrictTable& table, const std::filesystem::path& models);

/// Reads one [[step_replay]] table. Whether a mapping can run the model is not looked at here: see
/// why_not_replayed() of the step library.
StepSection read_step_section(StrictTable& table, const std::filesystem::path& models);

}  // namespace hockney::inline plan
