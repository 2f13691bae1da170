#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace hockney::commands {

/// What build_reference() made.
struct BuiltReference {
  std::size_t systems = 0;
  std::size_t files = 0;
  std::size_t points = 0;
  std::size_t curves = 0;
  std::size_t line_rates = 0;
};

/// Imports `source`/NAME/*.csv into `out`/NAME/*.h5, one launch per file, and fits each system into
/// `out`/NAME.cost.json. The machine of every launch is the system's name, so that its
/// files make one model; what exactly was measured stays in the provenance (reference.machine). Uses neither clock,
/// network nor chance: the same files make the same bytes. `importer` goes into LaunchInfo::producer.
///
/// Throws InputError, naming the file, as read_reference_csv() does; when a file lacks `url` or `caveats`; when two
/// files of a system hold the same curve on the same software, which would be taken for two launches of one machine;
/// when `out` is not empty; and when `source` has no system.
BuiltReference build_reference(const std::filesystem::path& source, const std::filesystem::path& out,
                               const std::string& importer);

}  // namespace hockney::commands
