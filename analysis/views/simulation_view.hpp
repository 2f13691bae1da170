#pragma once

#include <optional>
#include <string>
#include <vector>

#include "predict/step/step_line.hpp"
#include "predict/step/step_prediction.hpp"
#include "render/view.hpp"
#include "simulate/contention.hpp"

namespace hockney::views {

/// A phase beside what its operations take alone and together with others.
struct SimulatedPhase {
  std::string name;
  simulate::Phase phase{};
  simulate::Load load{};
  double simulated_alone_s = 0;  ///< by SimGrid
  double together_s = 0;
  double chain_end_s = 0;  ///< when what its ranks do has ended
};

/// Phases at the same time.
struct SimulatedMoment {
  std::string name;
  double per_step = 1;  ///< how often it comes
  std::vector<SimulatedPhase> phases{};
  double one_by_one_s = 0;  ///< all chains alone, one after the other
  double together_s = 0;    ///< until the last of them has ended
};

struct Simulation {
  std::string cost_name;
  simulate::Node node{};
  std::string port_rate_origin{};                 ///< "stated", "what ... reaches"
  std::optional<predict::StepPrediction> step{};  ///< Scope::communication; nothing: phases by hand
  std::vector<std::string> others{};              ///< phases of other jobs that go on all the time
  std::vector<predict::StepLine> lines{};         ///< what answered for each message alone
  std::vector<SimulatedMoment> moments{};
};

/// "all_to_all:32MiB:64/8", as a command line names it.
std::string operation_text(const Message& message);

/// Table "phases": alone as predicted and as simulated, together, slowdown, what goes through the ports of a node; of a
/// step one row per moment and message, for all the times that the moment comes. Table "moments" of a step. Table
/// "answers": what answered for each message alone. Warnings say SIMULATED first; notes what the model leaves out.
render::View simulation_view(const Simulation& simulation);

}  // namespace hockney::views
