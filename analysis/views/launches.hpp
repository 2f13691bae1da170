#pragma once

#include <vector>

#include "record/launch.hpp"
#include "render/view.hpp"

namespace hockney::views {

/// What launch files hold, "hockney launches" 1.1.0: tables "points" (the main one), "over_launches", "interference",
/// "gpu_states", "launches", "skipped", of health scans those of scan_tables(), and on request "provenance" and
/// "placements". Warnings say which launches are no measurement.
render::View launches(const std::vector<Launch>& launches, bool with_provenance);

}  // namespace hockney::views
