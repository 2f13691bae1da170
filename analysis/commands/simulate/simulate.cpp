#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <optional>

#include "base/error.hpp"
#include "base/shipped.hpp"
#include "commands/commands.hpp"
#include "commands/export/node_flags.hpp"
#include "commands/flag_value.hpp"
#include "commands/predict/mapping_flags.hpp"
#include "commands/predict/step_flags.hpp"
#include "commands/simulate/phase_text.hpp"
#include "commands/simulate/simulated_moment.hpp"
#include "commands/view_output.hpp"
#include "exports/cluster.hpp"
#include "platform/platform.hpp"
#include "predict/compute/layer_compute.hpp"
#include "simulate/moments.hpp"
#include "views/simulation_view.hpp"
#include "workload/transformer.hpp"

namespace hockney::commands {
namespace {

struct SimulateOptions {
  StepFlags step;
  std::string model;
  MappingFlags mapping;
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

simulate::Phase phase_of(const Message& message, double alone_s, const predict::StepNetwork& network) {
  return {message, alone_s, latency_of(message, network, alone_s)};
}

// What answers for each becomes a line of the simulation. Throws where the ranks of a phase do not fit on a node.
std::vector<simulate::Chain> chains_by_hand(views::Simulation& simulation, const std::vector<std::string>& texts,
                                            const predict::StepNetwork& network) {
  std::vector<simulate::Chain> chains;
  for (const std::string& text : texts) {
    const auto parse = [&](const std::string& word) {
      simulate::Chain chain = parse_phase(word);
      simulate::load_of(chain.phases.front(), simulation.node);
      return chain;
    };
    simulate::Phase& phase = chains.emplace_back(flag_value("PHASE", text, parse)).phases.front();
    const predict::Answer answer = network.answer(phase.message);
    phase = phase_of(phase.message, answer.estimate.value_s, network);
    simulation.lines.push_back({phase.message, answer, {}});
  }
  return chains;
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

// Phases by hand are one moment.
void simulate_phases(views::Simulation& simulation, std::vector<simulate::Chain> chains,
                     const std::vector<std::string>& names) {
  simulation.moments.push_back(simulated({"", std::move(chains)}, simulation.node));
  for (std::size_t i = 0; i < names.size(); ++i) {
    simulation.moments.front().phases[i].name = names[i];
  }
}

// The messages of a step as phases of a node: those of groups side by side count for each of them.
std::vector<simulate::Phase> phases_of(const predict::StepPrediction& step, const simulate::Node& node,
                                       const predict::StepNetwork& network) {
  std::vector<simulate::Phase> phases;
  for (const predict::StepLine& line : step.lines) {
    simulate::Phase& phase = phases.emplace_back(phase_of(line.message, line.answer.estimate.value_s, network));
    Group& group = phase.message.placed.group;
    group.concurrent = std::clamp(node.gpus / std::max(1U, group.ranks_per_node), 1U, line.message.placed.at_once);
  }
  return phases;
}

simulate::StepShape shape_of(const predict::StepPrediction& step, const predict::StepModel& step_model,
                             predict::StepNetwork& network) {
  const predict::LayerCompute layer = step_model.layer(step.model, step.mapping, network);
  return {.mapping = step.mapping,
          .layers = layers_of_stage(step.mapping, step.model, step.time.critical).all(),
          .forward_s = layer.forward,
          .backward_s = layer.backward + layer.recomputed,
          .gradient_bucket = predict::gradient_bucket(step.mapping)};
}

void simulate_step(views::Simulation& simulation, const predict::StepModel& step_model,
                   std::vector<simulate::Chain> others, predict::StepNetwork& network) {
  simulation.lines.insert(simulation.lines.begin(), simulation.step->lines.begin(), simulation.step->lines.end());
  for (simulate::Chain& chain : others) {
    chain.pace = simulate::Flow::Pace::endless;
  }
  simulate::StepShape shape = shape_of(*simulation.step, step_model, network);
  shape.others = others;
  for (const simulate::Moment& moment :
       simulate::moments_of(phases_of(*simulation.step, simulation.node, network), shape)) {
    simulation.moments.push_back(simulated(moment, simulation.node));
  }
}

void run(SimulateOptions options) {
  const bool is_step = !options.model.empty();
  if (!is_step && options.phases.empty()) {
    throw InputError("expected PHASEs, or --model with a mapping, or both");
  }
  const std::optional<StatedNic> stated = stated_nic(options);
  const cost::CostModel cost = read_cost(options.step);
  if (!is_step) {
    options.step.without.emplace_back(name_of(predict::Addition::host_wait));  // that of a step's transfers
  }
  const predict::Gpu gpu = predict::find_gpu(options.step.gpu);
  const UsualRun usual = usual_run(options.step, gpu.name);
  Mapping mapping = options.mapping.over(usual.mapping);
  std::optional<double> node_nic = node_nic_of(options.step);
  if (is_step) {
    join_fabric(gpu, mapping, node_nic);
  }
  predict::Predictor predictor = predictor_of(options.step, gpu, cost, usual.run);
  views::Simulation simulation{.cost_name = fmt::format("{} ({})", cost.name, cost.created_by)};
  const std::uint64_t gpus = is_step ? mapping.gpus_per_node : options.node.gpus_of(cost);
  simulation.node.gpus = options.node.gpus.value_or(static_cast<std::uint32_t>(gpus));
  if (is_step) {
    simulation.step =
        predictor.predict(predict::Scope::communication, find_transformer(options.model), mapping, node_nic);
  }
  predict::StepNetwork& network = predictor.network(node_nic, gpus);
  std::vector<simulate::Chain> chains = chains_by_hand(simulation, options.phases, network);
  set_ports(simulation, options.node.nics_of(simulation.node.gpus), stated, network);
  if (is_step) {
    simulation.others = options.phases;
    simulate_step(simulation, predictor.step(), std::move(chains), network);
  } else {
    simulate_phases(simulation, std::move(chains), options.phases);
  }
  print(views::simulation_view(simulation), options.output);
}

}  // namespace

void add_simulate(CLI::App& app) {
  auto options = std::make_shared<SimulateOptions>();
  CLI::App* command =
      app.add_subcommand("simulate", "What operations cost that run at the same time on the same NICs (SimGrid)");
  command->add_option(
      "PHASE", options->phases,
      fmt::format("{}: what runs from the same moment on, as all_to_all:32MiB:64/8; beside --model: what "
                  "another job does all the time",
                  phase_form));
  options->step.add_network_to(*command);
  command->get_option("--cost")->required();
  options->step.add_gpu_to(*command);
  options->step.add_node_nic_to(*command);
  options->step.add_run_to(*command);
  options->step.add_calibrate_to(*command);
  CLI::Option* model = command->add_option(
      "--model", options->model,
      "simulate the communication of a training step: a shipped model's name, or a model file (*.toml)");
  options->mapping.add_to(*command, model);
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
      "together are SIMULATED, not measured.\n"
      "With --model: the messages of hockney predict communication; those that run at the same time in a step share "
      "the NICs.\n\n"
      "  hockney simulate all_to_all:32MiB:64/8 reduce_scatter:1GiB:4096/8 --cost c.cost.json\n"
      "  hockney simulate --model mixtral-8x7b --tp 4 --pp 1 --dp 16 --ep 8 --mbs 1 --gbs 64 "
      "--overlap-gradients --cost c.cost.json\n");
  command->callback([options] { run(*options); });
}

}  // namespace hockney::commands
