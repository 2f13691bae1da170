#pragma once

#include <filesystem>
#include <string_view>

#include "import/imported.hpp"

namespace hockney::import {

/// Reads what rccl-tests writes with -Z json: one object per line, in an array or not, {"name": "AllReduce", "gpus": 8
/// | "nodes", "ranks", "ranksPerNode", "gpusPerRank", "size", "type", "redop", "inPlace": 0, "time", "algBw", "busBw",
/// "wrong" | "#wrong"}. The objects are rows of the program's CSV and are treated as such (measurement_csv.hpp). Lines
/// that are no such object are refused. Throws InputError, whose message is the reason, when there is none.
ImportedFile import_rccl_json(std::string_view text, const std::filesystem::path& file, const ImportOptions& options);

}  // namespace hockney::import
