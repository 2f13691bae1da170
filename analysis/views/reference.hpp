#pragma once

#include <string>
#include <vector>

#include "record/launch.hpp"
#include "render/view.hpp"

namespace hockney::views {

/// One file of published figures: a launch of a reference system.
struct ReferenceFile {
  std::string system;
  std::string file;  ///< its name without folder and ending
  Launch launch;
};

/// Which systems there are, "hockney reference list" 2.0.0: table "systems", one row for each, sorted by name.
render::View reference_list(const std::vector<ReferenceFile>& files);

/// Every figure of one system, "hockney reference system" 1.0.0: tables "points" (the main one) and "sources", which
/// has what the files say of themselves, caveats too.
render::View reference_system(const std::string& system, const std::vector<ReferenceFile>& files);

}  // namespace hockney::views
