#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exports/cluster.hpp"

namespace hockney::exports {

/// A file of an export. Of a format of one file the name is the user's.
struct File {
  std::string name;
  std::string text;
};

/// What a writer made.
struct Exported {
  std::vector<File> files;
  Notes notes;
};

/// A file format of another planner. Each is one source file of this folder, which says where its schema is from.
struct Format {
  std::string_view name;     ///< for --to
  std::string_view planner;  ///< who reads it, and where it goes
  std::string_view loses;    ///< what the format has no room for
  bool is_folder = false;    ///< of several files

  /// Throws InputError for a cluster that the format cannot express.
  Exported (*write)(const Cluster& cluster);
};

/// All formats, sorted by name.
std::span<const Format* const> formats();

/// A format by its name. Throws InputError that names the nearest one.
const Format& find_format(std::string_view name);

}  // namespace hockney::exports
