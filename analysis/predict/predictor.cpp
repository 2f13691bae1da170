#include "predict/predictor.hpp"

#include <fmt/format.h>
#include <utility>

#include "base/error.hpp"

namespace hockney::predict {
namespace {

void require_network_constants(const cost::CostModel& cost) {
  for (const cost::CostCurve& curve : cost.curves) {
    if (const Flags refused{curve.flags.bits & cost::no_network_constant.bits}; refused.bits != 0) {
      throw InputError(
          fmt::format("cost model '{}' is flagged {} ({}): these are no network constants, and nothing is "
                      "predicted from them",
                      cost.name, to_string(refused), curve.name()));
    }
  }
}

std::optional<LineRate> stated_by(const cost::CostModel& cost) {
  const auto stated = cost.line_rate_between_nodes();
  return stated ? std::optional(LineRate{stated->bandwidth, stated->latency}) : std::nullopt;
}

}  // namespace

Predictor::Predictor(const cost::CostModel& cost, Gpu gpu, NetworkWishes wishes, const Calibration& calibration,
                     const StackRun& run)
    : cost_(&cost), run_(run), wishes_(std::move(wishes)) {
  require_network_constants(cost);
  wishes_.line_rate = wishes_.line_rate ? wishes_.line_rate : stated_by(cost);
  if (gpu.ring_limit_bytes_per_s > 0) {
    ring_limit_bytes_per_s_ = gpu.ring_limit_bytes_per_s;
  }
  if (wishes_.line_rate) {
    usual_.latency = wishes_.line_rate->latency;
  }
  if (run.stack != nullptr && !run.stack->host_waits) {
    wishes_.without.push_back(Addition::host_wait);
  }
  const Efficiency efficiency = efficiency_of(gpu, run, constants_, calibration,
                                              [this](const StepRow& row) -> StepNetwork& { return network(row); });
  efficiency_origin_ = efficiency.origin;
  step_.emplace(std::move(gpu), constants_, efficiency.value, run.way, efficiency.footing);
}

StepNetwork& Predictor::network(std::optional<double> node_nic_bytes_per_s, std::uint64_t gpus_per_node) {
  const double gpus = static_cast<double>(gpus_per_node);
  if (!node_nic_bytes_per_s && wishes_.assumed_nic_bytes_per_s_per_gpu) {
    node_nic_bytes_per_s = *wishes_.assumed_nic_bytes_per_s_per_gpu * gpus;
  }
  const double per_gpu = node_nic_bytes_per_s ? *node_nic_bytes_per_s / gpus : 0;
  std::unique_ptr<StepNetwork>& network = networks_[{per_gpu, gpus_per_node}];
  if (!network) {
    const auto rate_of = [&](double bytes_per_s_per_gpu) {
      NicRate rate = usual_;
      rate.bytes_per_s_per_gpu = bytes_per_s_per_gpu;
      rate.gpus_per_node = gpus;
      return rate;
    };
    NetworkOptions options{{}, {}, wishes_.strict, wishes_.without, ring_limit_bytes_per_s_, wishes_.mesh};
    if (wishes_.mesh && wishes_.mesh->gpus() != gpus_per_node) {
      throw InputError(
          fmt::format("mesh {}: expected one of {} GPUs, those of a node", wishes_.mesh->text(), gpus_per_node));
    }
    if (node_nic_bytes_per_s) {
      options.nic = rate_of(per_gpu);
    }
    if (wishes_.line_rate) {
      options.line_rate = rate_of(wishes_.line_rate->bandwidth.value);
    }
    network = std::make_unique<StepNetwork>(*cost_, constants_, std::move(options));
  }
  return *network;
}

std::optional<std::string> Predictor::assumed_nic(const Mapping& mapping,
                                                  std::optional<double> node_nic_bytes_per_s) const {
  constexpr double bits = 8e-9;
  return assumes_nic(mapping, node_nic_bytes_per_s)
             ? std::optional(fmt::format(
                   "NIC ASSUMED: {} Gbit/s per GPU between nodes, as nobody states their NICs (--node-nic, --cost)",
                   *wishes_.assumed_nic_bytes_per_s_per_gpu * bits))
             : std::nullopt;
}

StepPrediction Predictor::predict(Scope scope, const Transformer& model, Mapping mapping,
                                  std::optional<double> node_nic_bytes_per_s) {
  check(mapping, model);
  join_fabric(step_->gpu(), mapping, node_nic_bytes_per_s);
  StepNetwork& over = network(node_nic_bytes_per_s, mapping.gpus_per_node);
  StepPrediction prediction =
      scope == Scope::step ? predict_step(*step_, model, mapping, over)
                           : predict_communication(model, mapping, step_->predict(model, mapping, over).critical, over);
  if (const auto warning = assumed_nic(mapping, node_nic_bytes_per_s)) {
    prediction.warnings.push_back(*warning);
  }
  prediction.stack = run_.stack == nullptr ? "unknown" : run_.stack->name;
  prediction.gpu = step_->gpu();
  prediction.efficiency_origin = efficiency_origin_;
  prediction.cost_name = fmt::format("{} ({})", cost_->name, cost_->created_by);
  prediction.cost_sources = cost_->sources;
  return prediction;
}

}  // namespace hockney::predict
