#pragma once

#include <vector>

#include "predict/search/mapping_search.hpp"
#include "render/plot/heat_map.hpp"

namespace hockney::views {

/// Whether any pair of sizes has an overhead.
bool has_overheads(const std::vector<predict::Swept>& points);

/// The overheads of a sweep over tensor and pipeline parallel size, in % of the step. Title, subtitles and remarks are
/// left to the caller. `points` must have some.
render::HeatMap overhead_map(const std::vector<predict::Swept>& points);

}  // namespace hockney::views
