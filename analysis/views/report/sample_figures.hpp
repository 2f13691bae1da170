#pragma once

#include <vector>

#include "record/launch.hpp"
#include "render/html/page.hpp"

namespace hockney::views {

/// How samples scatter: those of the points that scatter most, one after another and as distributions, launches by
/// colour; outliers over time, and by the rank that was slowest; and how late each rank is. An outlier is a sample
/// above the third quartile of its visit by more than three times the distance of the quartiles (Tukey 1977). Nothing
/// where no visit has samples enough, as in imported tables. `launches` of one campaign.
std::vector<render::Block> sample_figures(const std::vector<Launch>& launches);

}  // namespace hockney::views
