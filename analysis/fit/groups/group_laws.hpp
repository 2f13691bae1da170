#pragma once

#include <span>
#include <string>
#include <vector>

#include "cost/cost_model.hpp"

namespace hockney::fit {

/// Fits every family of collectives' curves that differ in their number of ranks only: three group sizes or more of one
/// machine, label (algorithm and protocol) and number of ranks per node across nodes, or inside a node. Curves inside a
/// node of the same label join those across nodes where they tell a_intra and a_inter apart (separates_steps()). Of
/// several intra-node fabrics the first in Fabric's order joins. Curves whose network was forced inside a node, and
/// groups that run beside others, take no part.
///
/// Where points tell what ran, a family has one law for every stretch of payloads at which all its groups ran the same
/// algorithm and protocol; at payloads where they did not there is no law.
///
/// Checked by holding out: each of the two largest sizes is predicted from all smaller ones, at least two of them,
/// regimes and laws chosen anew, with the nearest count and the power law through the two largest smaller sizes beside
/// it, at the payloads that all three answer for.
///
/// `notes` gets a line for each family of two sizes, and for each stretch that no law explains.
std::vector<cost::GroupLaw> fit_group_laws(std::span<const cost::CostCurve> curves, std::vector<std::string>& notes);

}  // namespace hockney::fit
