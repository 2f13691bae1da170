#pragma once

#include <vector>

#include "render/html/page.hpp"
#include "views/report/report.hpp"

namespace hockney::views {

/// Hosts with their NUMA nodes, ranks and GPUs, as the launches placed them; and what each machine told of its
/// topology.
std::vector<render::Block> topology_blocks(const ReportedCampaign& campaign);

/// What each launch says of itself: versions, environment, plan, sources.
std::vector<render::Block> provenance_blocks(const ReportedCampaign& campaign);

/// What a reader must know of a campaign: flags with the points that have them, points that are not to be used, cases
/// that were skipped, what was not fitted, why there is no prediction.
std::vector<render::Block> caveat_blocks(const ReportedCampaign& campaign);

}  // namespace hockney::views
