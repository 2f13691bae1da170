#pragma once

#include <optional>
#include <string>
#include <vector>

#include "predict/step/step_line.hpp"
#include "render/view.hpp"
#include "simulate/contention.hpp"

namespace hockney::views {

/// A phase beside what it takes alone and together with the others.
struct SimulatedPhase {
  std::string name;
  simulate::Phase phase{};
  predict::Answer answer{};  ///< of one operation alone
  simulate::Load load{};
  double simulated_alone_s = 0;  ///< all of its operations, by SimGrid
  double together_s = 0;
};

struct Simulation {
  std::string cost_name;
  simulate::Node node{};
  std::string port_rate_origin{};  ///< "stated", "what ... reaches"
  std::vector<SimulatedPhase> phases{};
};

/// Table "phases": alone as predicted and as simulated, together, slowdown, what goes through the ports of a node;
/// table "answers": what answered for each phase alone. Warnings say SIMULATED first; notes what the model leaves out.
render::View simulation_view(const Simulation& simulation);

}  // namespace hockney::views
