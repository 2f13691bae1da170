#pragma once

#include "fit/fit_campaign.hpp"
#include "render/view.hpp"

namespace hockney::views {

/// What a fit found, "hockney fit" 1.0.0: tables "segments" (the main one), "curves" with flags, basis of the intervals
/// and errors of every method, and "switches". For people alpha stands in us, 1/beta in GB/s, errors in %, with no
/// digit that the 95 % interval does not allow. Warnings say SIMULATED and the like; notes what was not fitted.
render::View fitted_curves(const fit::CampaignFit& fit);

}  // namespace hockney::views
