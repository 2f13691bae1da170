#pragma once

#include <span>
#include <string>
#include <vector>

#include "cost/cost_model.hpp"

namespace hockney::views {

/// A fitted curve and the campaign that it was measured in.
struct CampaignCurve {
  const cost::CostCurve* curve = nullptr;
  std::string campaign;
};

/// Short names that tell some curves of one operation apart: fabric and group, and of campaign, machine, software and
/// the other factors in CostCurve::name() those that not all of them have in common: "nvswitch, 8 ranks (8 per node)".
/// What all curves of a campaign have and no other curve is told by the campaign's name.
std::vector<std::string> names_apart(std::span<const CampaignCurve> curves);

}  // namespace hockney::views
