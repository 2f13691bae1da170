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
};

/// Predicts steps on one GPU with the networks of one cost model: everything that a prediction, a search, a report or
/// an export needs, put together. Networks are made when first asked for, one per NIC rate.
class Predictor {
 public:
  /// Of steps that are run in this way. `cost` must outlive it. Throws InputError for a model with a curve that has a
  /// flag of no_network_constant, and as efficiency_of().
  Predictor(const cost::CostModel& cost, Gpu gpu, NetworkWishes wishes, const Calibration& calibration,
            RunWay way = {});

  const StepModel& step() const { return *step_; }
  const std::string& efficiency_origin() const { return efficiency_origin_; }  ///< "0.894 of the peak, from ..."

  /// The network of nodes whose NICs bring `node_nic_bytes_per_s` together, shared by `gpus_per_node` GPUs; nothing:
  /// that of the cost model. Throws InputError for a mesh of another number of GPUs.
  StepNetwork& network(std::optional<double> node_nic_bytes_per_s, std::uint64_t gpus_per_node);

  /// That of a row.
  StepNetwork& network(const StepRow& row) { return network(row.node_nic_bytes_per_s, row.mapping.gpus_per_node); }

  /// predict_step() or, of the stage that sets the step's pace, predict_communication(), with the names of GPU and cost
  /// model. Throws InputError as they do.
  StepPrediction predict(Scope scope, const Transformer& model, const Mapping& mapping,
                         std::optional<double> node_nic_bytes_per_s);

 private:
  const cost::CostModel* cost_;
  StepConstants constants_;
  NetworkWishes wishes_;
  NicRate usual_;  ///< what a NicRate takes over where nothing else is stated: the latency
  double ring_limit_bytes_per_s_ = std::numeric_limits<double>::infinity();
  std::map<std::pair<double, std::uint64_t>, std::unique_ptr<StepNetwork>> networks_;  ///< by NIC rate, GPUs per node
  std::optional<StepModel> step_;
  std::string efficiency_origin_;
};

}  // namespace hockney::predict
