#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace hockney::commands {

/// The overhead of the fastest mapping with these sizes: the share of the step beyond one forward and one backward pass
/// of the slowest stage, a fraction; nothing where no mapping divides evenly and fits.
struct OverheadPoint {
  std::uint64_t tensor = 1;
  std::uint64_t pipeline = 1;
  std::optional<double> overhead;
};

/// What a picture of overheads says beside its numbers.
struct PlanPicture {
  std::filesystem::path file;  ///< .svg or .png
  std::string title;
  std::vector<std::string> subtitles{};
  std::vector<std::string> remarks{};  ///< coloured: what is estimated
};

/// Draws overheads as a heat map over tensor and pipeline parallel size. Throws InputError when no point has an
/// overhead, and as render::write_figure() does.
void draw_overhead_map(const std::vector<OverheadPoint>& points, const PlanPicture& picture);

/// Draws them as one line per tensor parallel size over the pipeline parallel size. Throws as draw_overhead_map().
void draw_overhead_lines(const std::vector<OverheadPoint>& points, const PlanPicture& picture);

}  // namespace hockney::commands
