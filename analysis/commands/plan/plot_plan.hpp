#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "predict/search/mapping_search.hpp"

namespace hockney::commands {

/// What a picture of overheads says beside its numbers.
struct PlanPicture {
  std::filesystem::path file;  ///< .svg or .png
  std::string title;
  std::vector<std::string> subtitles{};
  std::vector<std::string> remarks{};  ///< coloured: what is estimated
};

/// Draws the overheads of a sweep as a heat map over tensor and pipeline parallel size. Throws InputError when no point
/// has an overhead, and as render::write_figure() does.
void draw_overhead_map(const std::vector<predict::Swept>& points, const PlanPicture& picture);

/// Draws them as one line per tensor parallel size over the pipeline parallel size. Throws as draw_overhead_map().
void draw_overhead_lines(const std::vector<predict::Swept>& points, const PlanPicture& picture);

}  // namespace hockney::commands
