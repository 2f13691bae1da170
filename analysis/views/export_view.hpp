#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "exports/format.hpp"
#include "render/view.hpp"

namespace hockney::views {

/// An export and what it was made of.
struct WrittenExport {
  const exports::Format* format = nullptr;
  const exports::Cluster* cluster = nullptr;
  std::string assumed_gpu;  ///< "GPU ASSUMED: ..."; empty where it is known
  std::vector<std::filesystem::path> files;
  std::vector<std::string> warnings;  ///< what the figures are not (SIMULATED, ESTIMATED FROM LINE RATE)
  std::vector<std::string> notes;     ///< what is lost or bent here, and which figures no measured curve gave
};

/// Table "files"; what the format loses and the notes beneath.
render::View export_view(const WrittenExport& made);

/// The formats as a table: name, who reads it, what it loses.
std::string format_table();

}  // namespace hockney::views
