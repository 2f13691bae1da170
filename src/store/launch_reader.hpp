#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "record/launch.hpp"
#include "store/schema.hpp"

namespace hockney::store {

/// Reads one launch: a finished `.h5`, or the committed visits of a `.h5.part`, whose writer may be running or dead.
/// Throws InputError, beginning with the file's name, when the file is missing, damaged, no Hockney launch, of another
/// major schema version, or when its counts contradict each other.
Launch read_launch(const std::filesystem::path& file);

/// The text that an imported launch was read from; empty for a measured one and in files before schema 1.2. It is read
/// only here: read_launch() and read_campaign() leave it alone. Throws as read_launch() does.
std::string read_raw_text(const std::filesystem::path& file);

/// The launch files that a path means: the file itself, or all `*.h5` of a folder and each `*.h5.part` whose `.h5` does
/// not exist, sorted by name. Throws InputError when there is none.
std::vector<std::filesystem::path> launch_files(const std::filesystem::path& file_or_folder);

/// A launch without its samples, which is quick to read.
struct LaunchOutline {
  LaunchInfo info;
  Provenance provenance;
  std::vector<schema::PointRow> visits;  ///< committed, in the order of measuring
};

/// The launches of one launch file or merged campaign file. Throws as read_launch() does.
std::vector<LaunchOutline> read_outlines(const std::filesystem::path& file);

/// All launches of launch files, merged campaign files and folders of both, sorted by their start. Throws InputError
/// as read_launch() does, and when one launch is met twice.
std::vector<Launch> read_campaign(std::span<const std::filesystem::path> files_or_folders);

}  // namespace hockney::store
