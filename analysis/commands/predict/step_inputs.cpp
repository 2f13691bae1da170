#include "commands/predict/step_inputs.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

#include "base/error.hpp"
#include "base/shipped.hpp"
#include "commands/flag_value.hpp"
#include "commands/reference/reference_library.hpp"
#include "predict/score/calibration.hpp"
#include "predict/step/prediction.hpp"
#include "record/usable.hpp"
#include "store/launch_reader.hpp"

namespace hockney::commands {

void StepFlags::add_to(CLI::App& command) {
  command.add_option("--cost", cost, fmt::format("fitted cost model (*.cost.json), {}", or_reference));
  command.add_option("--machine", machines, "use this machine's curves; needed when the model holds several");
  command.add_option("--gpu", gpu, "a shipped GPU's name, or a GPU file (*.toml)")->capture_default_str();
  command.add_option("--calibrate", calibrate,
                     "what sets the GPU's efficiency: rows with measured_s (*.csv), or a campaign "
                     "with matrix products measured on it");
  command.add_option("--node-nic", node_nic,
                     "what a node's NICs bring together (200GB/s); replaces the cost model's curves between nodes");
  command.add_option("--inter-node-bandwidth", bandwidth,
                     "line rate per GPU between nodes (25GB/s, 200Gbit/s), where the model has no such curve");
  command.add_option("--inter-node-latency", latency, "latency between nodes (5us), with the line rate");
  command.add_flag("--strict", strict, "refuse to answer by a curve of another fabric (exit code 2)");
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
  add("--calibrate", calibrate, usual.calibrate);
  add("--node-nic", node_nic, usual.node_nic);
  add("--inter-node-bandwidth", bandwidth, usual.bandwidth);
  add("--inter-node-latency", latency, usual.latency);
  text += strict ? "--strict " : "";
  return text.substr(0, text.size() - (text.empty() ? 0 : 1));
}

// Curves of several machines compete for every answer, and only the user knows which machine is meant.
cost::CostModel read_cost(const StepFlags& flags) {
  const std::string& file = flags.cost;
  const std::vector<std::string>& machines = flags.machines;
  cost::CostModel model = cost::CostModel::read(ReferenceLibrary().cost_model_given(file));
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
  predict::require_network_constants(model);
  return model;
}

std::optional<predict::LineRate> line_rate_of(const StepFlags& flags, const cost::CostModel& model) {
  if (flags.bandwidth.empty() && flags.latency.empty()) {
    const auto stated = model.line_rate_between_nodes();
    return stated ? std::optional(predict::LineRate{stated->bandwidth, stated->latency}) : std::nullopt;
  }
  if (flags.bandwidth.empty() || flags.latency.empty()) {
    throw InputError("--inter-node-bandwidth and --inter-node-latency: expected both or neither");
  }
  return predict::LineRate{flag_value("--inter-node-bandwidth", flags.bandwidth, parse_rate),
                           flag_value("--inter-node-latency", flags.latency, parse_seconds)};
}

std::optional<double> node_nic_of(const StepFlags& flags) {
  return flags.node_nic.empty() ? std::nullopt
                                : std::optional(flag_value("--node-nic", flags.node_nic, parse_rate).value);
}

Networks::Networks(const cost::CostModel& model, const StepFlags& flags, const predict::Gpu& gpu)
    : model_(&model), strict_(flags.strict) {
  if (gpu.ring_limit_bytes_per_s > 0) {
    usual_.ring_limit_bytes_per_s = gpu.ring_limit_bytes_per_s;
  }
  if (const std::optional<predict::LineRate> stated = line_rate_of(flags, model)) {
    usual_.latency = stated->latency;
    line_rate_ = usual_;
    line_rate_->bytes_per_s_per_gpu = stated->bandwidth.value;
  }
}

predict::StepNetwork& Networks::of(std::optional<double> node_nic_bytes_per_s, std::uint64_t gpus_per_node) {
  const double per_gpu = node_nic_bytes_per_s ? *node_nic_bytes_per_s / static_cast<double>(gpus_per_node) : 0;
  std::unique_ptr<predict::StepNetwork>& network = networks_[{per_gpu, gpus_per_node}];
  if (!network) {
    std::optional<predict::NicRate> nic;
    std::optional<predict::NicRate> line_rate = line_rate_;
    if (node_nic_bytes_per_s) {
      nic = usual_;
      nic->bytes_per_s_per_gpu = per_gpu;
    }
    for (std::optional<predict::NicRate>* rate : {&nic, &line_rate}) {
      if (*rate) {
        (*rate)->gpus_per_node = static_cast<double>(gpus_per_node);
      }
    }
    network = std::make_unique<predict::StepNetwork>(*model_, constants_, nic, line_rate, strict_);
  }
  return *network;
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

GpuSteps::GpuSteps(const std::string& gpu, const StepFlags& flags, const cost::CostModel& cost)
    : gpu_(predict::find_gpu(gpu, shipped_folder() / "gpus")),
      networks_(cost, flags, gpu_),
      efficiency_(efficiency_by(flags.calibrate)),
      model_(gpu_, constants_, efficiency_.value) {}

GpuSteps::Efficiency GpuSteps::efficiency_by(const std::string& calibrate) {
  const auto with_origin = [](double value, const std::string& origin) {
    return Efficiency{value, fmt::format("{:.3f} of the peak, {}", value, origin)};
  };
  const std::string from_file = fmt::format("from the GPU's file: {}", gpu_.calibrated_on);
  if (calibrate.empty()) {
    return with_origin(gpu_.efficiency, from_file);
  }
  if (!calibrate.ends_with(".csv")) {
    const std::vector<Measurement> products = some_products_of(calibrate);
    const double efficiency = flag_value("--calibrate", calibrate, [&](const std::string&) {
      return predict::efficiency_of_products(products, gpu_, constants_);
    });
    return with_origin(efficiency, fmt::format("from {} matrix products of {}", products.size(), calibrate));
  }
  predict::TrainingRows table = predict::read_training_rows(calibrate);
  std::erase_if(table.rows, [&](const predict::TrainingRow& row) { return row.gpu != gpu_.name || !row.measured_s; });
  if (table.rows.empty()) {
    return with_origin(gpu_.efficiency, fmt::format("no measured row of {} ran on it; {}", calibrate, from_file));
  }
  const double efficiency = flag_value("--calibrate", calibrate, [&](const std::string&) {
    return predict::calibrated_efficiency(
        table.rows, gpu_, constants_,
        [&](const predict::TrainingRow& row) -> predict::StepNetwork& { return networks_.of(row); });
  });
  return with_origin(efficiency, fmt::format("calibrated on {} row{} of {}", table.rows.size(),
                                             table.rows.size() == 1 ? "" : "s", calibrate));
}

}  // namespace hockney::commands
