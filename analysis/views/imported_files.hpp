#pragma once

#include <span>
#include <string>

#include "import/read_file.hpp"
#include "render/view.hpp"

namespace hockney::views {

/// One file, as a line of table "files" and as what a person reads of it: what it was taken for and why, its tables and
/// refused lines, and where its launches are.
render::Table imported_file(const import::ReadFile& file);

/// All files of a session, "hockney import" 1.0.0: table "files" (in JSON with the tables and refused lines of each),
/// and totals. A terminal shows the total alone: the files were printed as they were read.
render::View imported_files(std::span<const import::ReadFile> files, const std::string& out);

}  // namespace hockney::views
