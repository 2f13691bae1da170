#pragma once

#include <string>
#include <vector>

#include "import/imported.hpp"

namespace hockney::import {

/// What became of one file that was given to be imported.
struct ReadFile {
  ImportedFile file;
  std::string path;
  std::string format;                     ///< "osu"; empty when the file was refused before it had one
  std::string evidence;                   ///< why that format
  std::string refusal;                    ///< why nothing of the file was read; empty when it was read
  std::vector<std::string> launch_files;  ///< by table; empty texts for refused tables
};

}  // namespace hockney::import
