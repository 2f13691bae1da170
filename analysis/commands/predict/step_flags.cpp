#include "commands/predict/step_flags.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

#include "base/error.hpp"
#include "base/names.hpp"
#include "commands/flag_value.hpp"
#include "commands/reference/reference_library.hpp"
#include "record/usable.hpp"
#include "store/launch_reader.hpp"

namespace hockney::commands {

void StepFlags::add_network_to(CLI::App& command) {
  command.add_option("--cost", cost,
                     fmt::format("fitted cost model (*.cost.json), {}; without it the published network of the GPU's "
                                 "file, and 400 Gbit/s per GPU between nodes unless the NICs are stated",
                                 or_reference));
  command.add_option("--machine", machines, "use this machine's curves; needed when the model holds several");
  command.add_option("--inter-node-bandwidth", bandwidth,
                     "line rate per GPU between nodes (25GB/s, 200Gbit/s), where the model has no such curve");
  command.add_option("--inter-node-latency", latency, "latency between nodes (5us), with the line rate");
  command
      .add_option("--without", without,
                  fmt::format("what is not to be added to what curves and stated rates say: {}",
                              fmt::join(all_names<predict::Addition>(), ", ")))
      ->delimiter(',');
  command.add_option(
      "--mesh", mesh,
      "a node without a switch: the links of its GPUs lead to the neighbours in a closed grid (8 or 2x4)");
  command.add_flag("--strict", strict, "refuse to answer by a curve of another fabric (exit code 2)");
}

void StepFlags::add_gpu_to(CLI::App& command) {
  command.add_option("--gpu", gpu, "a shipped GPU's name, or a GPU file (*.toml)")->capture_default_str();
}

void StepFlags::add_run_to(CLI::App& command) {
  command.add_option("--stack", stack,
                     "the training program, a file of data/stacks: what it overlaps and fuses, and its efficiency; "
                     "without it what is usual for the sharding, or on the GPU");
  command.add_option("--precision", precision,
                     fmt::format("of matrix products: {}", fmt::join(all_names<predict::Precision>(), ", ")));
  command.add_option("--sharding", sharding, "of the training state: none, zero-1, zero-2, zero-3, fsdp, hsdp ...");
}

void StepFlags::add_node_nic_to(CLI::App& command) {
  command.add_option("--node-nic", node_nic,
                     "what a node's NICs bring together (200GB/s); replaces the cost model's curves between nodes");
}

void StepFlags::add_calibrate_to(CLI::App& command) {
  command.add_option("--calibrate", calibrate,
                     "what sets the GPU's efficiency: rows with measured_s (*.csv), or a campaign "
                     "with matrix products measured on it");
}

std::string StepFlags::text() const {
  const StepFlags usual;
  std::string text;
  const auto add = [&](std::string_view flag, const std::string& value, const std::string& otherwise) {
    const std::string_view quote = value.find_first_of(" ;\"&|") == std::string::npos ? "" : "'";
    text += value == otherwise ? "" : fmt::format("{} {}{}{} ", flag, quote, value, quote);
  };
  add("--cost", cost, usual.cost);
  for (const std::string& machine : machines) {
    add("--machine", machine, "");
  }
  add("--gpu", gpu, usual.gpu);
  add("--stack", stack, usual.stack);
  add("--precision", precision, usual.precision);
  add("--sharding", sharding, usual.sharding);
  add("--calibrate", calibrate, usual.calibrate);
  add("--node-nic", node_nic, usual.node_nic);
  add("--inter-node-bandwidth", bandwidth, usual.bandwidth);
  add("--inter-node-latency", latency, usual.latency);
  add("--without", fmt::format("{}", fmt::join(without, ",")), "");
  add("--mesh", mesh, usual.mesh);
  text += strict ? "--strict " : "";
  return text.substr(0, text.size() - (text.empty() ? 0 : 1));
}

// Curves of several machines compete for every answer, and only the user knows which machine is meant.
cost::CostModel read_cost(const StepFlags& flags) {
  const std::string& file = flags.cost;
  const std::vector<std::string>& machines = flags.machines;
  const std::filesystem::path path = ReferenceLibrary().cost_model_given(file);
  if (std::filesystem::is_directory(path) || path.extension() == ".h5") {
    throw InputError(
        fmt::format("{0}: expected a cost model (*.cost.json); hockney fit {0} --out FILE makes one", file));
  }
  cost::CostModel model = cost::CostModel::read(path);
  std::set<std::string> known;
  for (const cost::CostCurve& curve : model.curves) {
    known.insert(curve.machine);
  }
  for (const StatedLineRate& rate : model.line_rates) {
    known.insert(rate.machine);
  }
  for (const std::string& machine : machines) {
    if (!known.contains(machine)) {
      throw InputError(
          fmt::format("--machine '{}': not in {}; expected one of: {}", machine, file, fmt::join(known, "; ")));
    }
  }
  if (machines.empty() && known.size() > 1) {
    throw InputError(fmt::format("{}: holds {} machines: {}; choose with --machine NAME (repeats)", file, known.size(),
                                 fmt::join(known, "; ")));
  }
  const auto is_left_out = [&](const auto& entry) {
    return !machines.empty() && std::find(machines.begin(), machines.end(), entry.machine) == machines.end();
  };
  std::erase_if(model.curves, is_left_out);
  std::erase_if(model.line_rates, is_left_out);
  return model;
}

const cost::CostModel& CostModels::of(const predict::Gpu& gpu) {
  StepFlags flags = flags_;
  if (flags.cost.empty() && gpu.network.empty()) {
    throw InputError(fmt::format("GPU {}: its file names no network; expected --cost", gpu.name));
  }
  flags.cost = flags.cost.empty() ? "reference:" + gpu.network : flags.cost;
  const auto found = costs_.find(flags.cost);
  return found != costs_.end() ? found->second : costs_.emplace(flags.cost, read_cost(flags)).first->second;
}

std::string CostModels::names() const {
  std::vector<std::string> names;
  for (const auto& [given, cost] : costs_) {
    names.push_back(fmt::format("{} ({})", cost.name, cost.created_by));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

UsualRun usual_run(const StepFlags& flags, std::string_view gpu) {
  const std::vector<predict::Stack>& stacks = predict::shipped_stacks();
  UsualRun usual;
  usual.run = predict::StackRun::by(flags.stack.empty() ? predict::usual_stack(stacks, flags.sharding, gpu)
                                                        : &predict::find_stack(stacks, flags.stack));
  usual.mapping = usual.run.usual_mapping();
  if (!flags.precision.empty()) {
    usual.run.compute_in(flag_value("--precision", flags.precision, predict::parse_precision), usual.mapping);
  }
  if (!flags.sharding.empty()) {
    flag_value("--sharding", flags.sharding, [&](const std::string& words) {
      usual.run.shard(words, usual.mapping);
      return 0;
    });
  }
  return usual;
}

predict::NetworkWishes network_wishes(const StepFlags& flags) {
  predict::NetworkWishes wishes{{}, flags.strict, {}};
  if (flags.cost.empty() && flags.bandwidth.empty()) {
    wishes.assumed_nic_bytes_per_s_per_gpu = predict::usual_nic_bytes_per_s_per_gpu;
  }
  if (!flags.mesh.empty()) {
    wishes.mesh = flag_value("--mesh", flags.mesh, predict::parse_mesh);
  }
  for (const std::string& word : flags.without) {
    wishes.without.push_back(flag_value("--without", word, parse_name<predict::Addition>));
  }
  if (flags.bandwidth.empty() != flags.latency.empty()) {
    throw InputError("--inter-node-bandwidth and --inter-node-latency: expected both or neither");
  }
  if (!flags.bandwidth.empty()) {
    wishes.line_rate = predict::LineRate{flag_value("--inter-node-bandwidth", flags.bandwidth, parse_rate),
                                         flag_value("--inter-node-latency", flags.latency, parse_seconds)};
  }
  return wishes;
}

std::optional<double> node_nic_of(const StepFlags& flags) {
  return flags.node_nic.empty() ? std::nullopt
                                : std::optional(flag_value("--node-nic", flags.node_nic, parse_rate).value);
}

namespace {

// Products on GPUs, of bfloat16 or float16: what training multiplies.
std::vector<Measurement> products_of(const std::string& campaign) {
  std::vector<Measurement> products;
  for (Launch& launch : store::read_campaign(std::vector{std::filesystem::path(campaign)})) {
    for (Measurement& visit : launch.measurements) {
      const Case& point = visit.point;
      if (point.operation == Operation::matmul && point.transport == TransportKind::nccl &&
          size_of(point.element).count == 2 && usable(visit) &&
          (visit.flags.bits & cost::no_network_constant.bits) == 0 && !visit.flags.has(Flag::simulated)) {
        products.push_back(std::move(visit));
      }
    }
  }
  return products;
}

std::vector<Measurement> some_products_of(const std::string& campaign) {
  std::vector<Measurement> products = products_of(campaign);
  if (products.empty()) {
    throw InputError(
        fmt::format("--calibrate {}: no matrix products of 2-byte elements measured on GPUs (plan section "
                    "[[matmul]] over nccl); expected some, or training rows (*.csv)",
                    campaign));
  }
  return products;
}

}  // namespace

predict::Calibration calibration_of(const StepFlags& flags) {
  const std::string& name = flags.calibrate;
  if (name.empty()) {
    return {};
  }
  if (name.ends_with(".csv")) {
    predict::StepRows table = predict::read_step_rows(name);
    predict::require_rows(table.skipped.empty() && !table.rows.empty(), table.skipped, table.ignored_columns, name);
    return {name, std::move(table.rows), {}};
  }
  return {name, {}, some_products_of(name)};
}

predict::RowPredictors row_predictors(const StepFlags& flags, CostModels& costs) {
  return {[](const std::string& name) { return predict::find_gpu(name); },
          [&](const predict::Gpu& gpu) -> const cost::CostModel& { return costs.of(gpu); }, network_wishes(flags),
          calibration_of(flags)};
}

predict::Predictor predictor_of(const StepFlags& flags, predict::Gpu gpu, const cost::CostModel& cost,
                                predict::StackRun run) {
  return {cost, std::move(gpu), network_wishes(flags), calibration_of(flags), std::move(run)};
}

}  // namespace hockney::commands
