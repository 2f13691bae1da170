#pragma once

#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cost/cost_model.hpp"
#include "predict/compute/gpu.hpp"
#include "predict/network/step_network.hpp"
#include "predict/score/calibration.hpp"
#include "predict/score/step_rows.hpp"
#include "predict/step/step_prediction.hpp"

namespace hockney::predict {

/// What a user says of the networks, beside the cost model.
struct NetworkWishes {
  std::optional<LineRate> line_rate;  ///< between nodes where curves are missing; nothing: what the cost model states
  bool strict = false;                ///< as NetworkOptions
  std::vector<Addition> without;      ///< as NetworkOptions
  std::optional<Mesh> mesh{};         ///< as NetworkOptions
  std::optional<double> assumed_nic_bytes_per_s_per_gpu{};  ///< of nodes whose NICs nobody states; nothing: what the
                                                            ///< cost model says
};

/// Predicts steps on one GPU with the networks of one cost model: everything that a prediction, a search, a report or
/// an export needs, put together. Networks are made when first asked for, one per NIC rate.
class Predictor {
 public:
  /// Of steps that are run in this way. `cost` must outlive it. Throws InputError for a model with a curve that has a
  /// flag of no_network_constant, and as efficiency_of().
  Predictor(const cost::CostModel& cost, Gpu gpu, NetworkWishes wishes, const Calibration& calibration,
            const StackRun& run = {});

  const StepModel& step() const { return *step_; }
  const std::string& efficiency_origin() const { return efficiency_origin_; }  ///< "0.894 of the peak, from ..."

  /// The network of nodes whose NICs bring `node_nic_bytes_per_s` together, shared by `gpus_per_node` GPUs; nothing:
  /// that of the cost model. Throws InputError for a mesh of another number of GPUs.
  StepNetwork& network(std::optional<double> node_nic_bytes_per_s, std::uint64_t gpus_per_node);

  /// That of a row.
  StepNetwork& network(const StepRow& row) { return network(row.node_nic_bytes_per_s, row.mapping.gpus_per_node); }

  /// Whether a step sends between nodes of which nobody says how fast their NICs are.
  bool assumes_nic(const Mapping& mapping, std::optional<double> node_nic_bytes_per_s) const {
    return wishes_.assumed_nic_bytes_per_s_per_gpu && !node_nic_bytes_per_s && mapping.nodes() > 1;
  }

  /// Says so: "NIC ASSUMED: ...".
  std::optional<std::string> assumed_nic(const Mapping& mapping, std::optional<double> node_nic_bytes_per_s) const;

  /// predict_step() or, of the stage that sets the step's pace, predict_communication(), with the names of GPU, stack
  /// and cost model; nodes as join_fabric() joins them. Throws InputError as they do.
  StepPrediction predict(Scope scope, const Transformer& model, Mapping mapping,
                         std::optional<double> node_nic_bytes_per_s);

 private:
  const cost::CostModel* cost_;
  StackRun run_;
  StepConstants constants_;
  NetworkWishes wishes_;
  NicRate usual_;  ///< what a NicRate takes over where nothing else is stated: the latency
  double ring_limit_bytes_per_s_ = std::numeric_limits<double>::infinity();
  std::map<std::pair<double, std::uint64_t>, std::unique_ptr<StepNetwork>> networks_;  ///< by NIC rate, GPUs per node
  std::optional<StepModel> step_;
  std::string efficiency_origin_;
};

/// Of the NICs of nodes that nobody states: 400 Gbit/s for every GPU, those of DGX H100 and later.
inline constexpr double usual_nic_bytes_per_s_per_gpu = 50e9;

}  // namespace hockney::predict
