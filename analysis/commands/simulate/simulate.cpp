#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <memory>
#include <optional>

#include "base/error.hpp"
#include "base/shipped.hpp"
#include "commands/commands.hpp"
#include "commands/export/node_flags.hpp"
#include "commands/flag_value.hpp"
#include "commands/predict/step_flags.hpp"
#include "commands/simulate/phase_text.hpp"
#include "commands/view_output.hpp"
#include "exports/cluster.hpp"
#include "platform/platform.hpp"
#include "views/simulation_view.hpp"

namespace hockney::commands {
namespace {

struct SimulateOptions {
  StepFlags step;
  std::vector<std::string> phases;
  NodeFlags node;
  std::string platform;
  std::string nic_rate;
  ViewOutput output;
};

// What the export to SimGrid makes of an operation: the line through 1 KiB and its payload.
exports::Line line_of(const Message& message, const predict::StepNetwork& network) {
  exports::Cluster cluster;
  cluster.reference = message.payload;
  cluster.ask = [&](Operation, const Group&, Bytes payload) {
    Message asked = message;
    asked.payload = payload;
    return network.answer(asked).estimate.value_s;
  };
  return exports::line_through(cluster, message.operation, message.placed.group);
}

// All of it is latency where more bytes do not take longer.
double latency_of(const Message& message, const predict::StepNetwork& network, double alone_s) {
  Message small = message;
  small.payload = exports::smallest_payload;
  const bool has_rate = message.payload > small.payload && alone_s > network.answer(small).estimate.value_s;
  return has_rate ? line_of(message, network).alpha_s : alone_s;
}

views::SimulatedPhase phase_of(const std::string& text, const simulate::Node& node,
                               const predict::StepNetwork& network) {
  const auto parse = [&](const std::string& word) {
    const simulate::Phase phase = parse_phase(word);
    simulate::load_of(phase, node);  // throws where its ranks do not fit
    return phase;
  };
  views::SimulatedPhase made{.name = text, .phase = flag_value("PHASE", text, parse)};
  made.answer = network.answer(made.phase.message);
  made.phase.alone_s = made.answer.estimate.value_s;
  made.phase.latency_s = latency_of(made.phase.message, network, made.phase.alone_s);
  return made;
}

// As in the export to SimGrid: what a transfer between two nodes reaches.
void take_measured_rate(views::Simulation& simulation, const predict::StepNetwork& network) {
  Message transfer;
  transfer.operation = Operation::ping_pong;
  transfer.placed = {exports::pair_across(), 2, 1};
  transfer.payload = mebibytes(64);
  transfer.count = 1;
  std::optional<predict::Answer> answer;
  try {
    answer = network.answer(transfer);
  } catch (const InputError&) {
    // refused below
  }
  if (!answer || answer->is_substitute()) {
    throw InputError("--nic-rate or --platform: expected one; no curve tells what a transfer between nodes reaches");
  }
  simulation.node.port_bytes_per_s = 1 / line_of(transfer, network).beta_s_per_byte;
  simulation.port_rate_origin = fmt::format("what a transfer of {} between nodes reaches ({})",
                                            to_string(transfer.payload), answer->estimate.curve);
}

struct StatedNic {
  BytesPerSecond rate;
  std::string by;
};

// What flags say of a NIC. A platform says how many GPUs and NICs a node has, too, where no flag does.
std::optional<StatedNic> stated_nic(SimulateOptions& options) {
  std::optional<StatedNic> stated;
  if (!options.platform.empty()) {
    const platform::Platform known = platform::find_platform(options.platform, shipped_folder() / "platforms");
    options.node.gpus = options.node.gpus.value_or(known.gpus_per_node);
    options.node.nics = options.node.nics.value_or(known.nics_per_node);
    stated = StatedNic{known.nic_rate, known.title};
  }
  if (!options.nic_rate.empty()) {
    stated = StatedNic{flag_value("--nic-rate", options.nic_rate, parse_rate), "--nic-rate"};
  }
  return stated;
}

void set_ports(views::Simulation& simulation, std::uint32_t nics, const std::optional<StatedNic>& stated,
               const predict::StepNetwork& network) {
  simulation.node.ports = std::min(nics, simulation.node.gpus);
  if (!stated) {
    take_measured_rate(simulation, network);
    return;
  }
  simulation.node.port_bytes_per_s = stated->rate.value * nics / simulation.node.ports;
  simulation.port_rate_origin = fmt::format("{} NICs of {} (stated: {})", nics, to_string(stated->rate), stated->by);
}

void run_alone(views::SimulatedPhase& each, const simulate::Node& node) {
  constexpr double most_apart = 0.03;
  each.simulated_alone_s = simulate::times_together(std::span(&each.phase, 1), node).front();
  if (!(std::abs(each.simulated_alone_s / each.phase.all_alone_s() - 1) <= most_apart)) {
    throw Failure(fmt::format("{}: alone {} s by SimGrid, {} s as predicted; expected them within 3 %", each.name,
                              each.simulated_alone_s, each.phase.all_alone_s()));
  }
}

void simulate_all(views::Simulation& simulation) {
  std::vector<simulate::Phase> phases;
  for (const views::SimulatedPhase& each : simulation.phases) {
    phases.push_back(each.phase);
  }
  const std::vector<double> together = simulate::times_together(phases, simulation.node);
  for (std::size_t i = 0; i < together.size(); ++i) {
    views::SimulatedPhase& each = simulation.phases[i];
    each.load = simulate::load_of(each.phase, simulation.node);
    each.together_s = together[i];
    run_alone(each, simulation.node);
  }
}

void run(SimulateOptions options) {
  const std::optional<StatedNic> stated = stated_nic(options);
  const cost::CostModel cost = read_cost(options.step);
  options.step.without.emplace_back(name_of(predict::Addition::host_wait));  // that of a step's transfers
  predict::Predictor predictor = predictor_of(options.step, options.step.gpu, cost);
  views::Simulation simulation{.cost_name = fmt::format("{} ({})", cost.name, cost.created_by)};
  simulation.node.gpus = options.node.gpus_of(cost);
  const predict::StepNetwork& network = predictor.network(std::nullopt, simulation.node.gpus);
  for (const std::string& text : options.phases) {
    simulation.phases.push_back(phase_of(text, simulation.node, network));
  }
  set_ports(simulation, options.node.nics_of(simulation.node.gpus), stated, network);
  simulate_all(simulation);
  print(views::simulation_view(simulation), options.output);
}

}  // namespace

void add_simulate(CLI::App& app) {
  auto options = std::make_shared<SimulateOptions>();
  CLI::App* command =
      app.add_subcommand("simulate", "What operations cost that run at the same time on the same NICs (SimGrid)");
  command
      ->add_option("PHASE", options->phases,
                   fmt::format("{}: what runs from the same moment on, as all_to_all:32MiB:64/8", phase_form))
      ->required();
  options->step.add_network_to(*command);
  options->step.add_gpu_to(*command);
  options->node.add_to(*command);
  command->add_option("--platform", options->platform,
                      "GPUs and NICs of a node, and the NICs' rate: a name of `hockney compare --platforms`, or a file "
                      "(*.toml)");
  command->add_option("--nic-rate", options->nic_rate,
                      "what one NIC carries in one direction (25GB/s, 200Gbit/s); default: the platform's, else what a "
                      "transfer of 64 MiB between nodes reaches in the cost model");
  add_view_flags(*command, options->output);
  command->footer(
      "A phase: operation, payload, ranks and how many of them share a node; the GPU of a node that its first rank has "
      "(@GPU, 0), equal groups side by side on each node (groups, 1), operations one after the other (count, 1), what "
      "passes before each without the network (gap, 0).\n"
      "All first ranks are on one node. What a phase takes alone is what hockney predict message says; the times "
      "together are SIMULATED, not measured.\n\n"
      "  hockney simulate all_to_all:32MiB:64/8 reduce_scatter:1GiB:4096/8 --cost c.cost.json\n");
  command->callback([options] { run(*options); });
}

}  // namespace hockney::commands
