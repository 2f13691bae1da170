#pragma once

#include "simulate/moments.hpp"
#include "views/simulation_view.hpp"

namespace hockney::commands {

/// Runs a moment, and each of its phases alone. Chains that never end have no rows. Throws Failure where a phase alone
/// does not take what was predicted within 3 %.
views::SimulatedMoment simulated(const simulate::Moment& moment, const simulate::Node& node);

}  // namespace hockney::commands
