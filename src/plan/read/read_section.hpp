#pragma once

#include <filesystem>

#include "base/strict_table.hpp"
#include "plan/plan.hpp"

namespace hockney::inline plan {

/// Where a section's files lie.
struct SectionFolders {
  std::filesystem::path models;  ///< sizes by model shape
  std::filesystem::path plan;    ///< matrix files are named relative to the plan
};

/// Reads one [[measure]] table. Throws InputError (file, line, key) for what makes no sense, among it keys that do not
/// go with the operations: reduction with operations that do not reduce, skew without all_to_all_v, ...
MeasureSection read_section(StrictTable& table, const SectionFolders& folders);

}  // namespace hockney::inline plan
