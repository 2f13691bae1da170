#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cost/cost_model.hpp"
#include "predict/compute/gpu.hpp"
#include "predict/network/step_network.hpp"
#include "predict/score/training_rows.hpp"
#include "predict/step/step_model.hpp"

namespace CLI {
class App;
}

namespace hockney::commands {

/// Flags that predict, plan and their relatives share.
struct StepFlags {
  std::string cost;
  std::vector<std::string> machines;
  std::string gpu{"a100-80g"};
  std::string calibrate;
  std::string node_nic;
  std::string bandwidth;
  std::string latency;
  bool strict = false;

  /// Adds --cost, --machine, --gpu, --calibrate, --node-nic, --inter-node-bandwidth, --inter-node-latency, --strict.
  void add_to(CLI::App& command);

  /// The flags on a command line again, without those at their default: "--cost reference:dgx-a100 ...".
  std::string text() const;
};

/// A cost model by file or as reference:NAME. Curves of other machines than the chosen ones are dropped. Throws
/// InputError for several machines without a choice, for unknown ones, and for curves that are no network constants.
cost::CostModel read_cost(const StepFlags& flags);

/// The line rate that --inter-node-bandwidth and --inter-node-latency state (both or neither), else what the model
/// states of the fabric between its nodes.
std::optional<predict::LineRate> line_rate_of(const StepFlags& flags, const cost::CostModel& model);

/// What --node-nic states, B/s of a node; nothing without the flag.
std::optional<double> node_nic_of(const StepFlags& flags);

/// The networks of one cost model for one GPU's steps, one per NIC rate, made when first asked for.
class Networks {
 public:
  Networks(const cost::CostModel& model, const StepFlags& flags, const predict::Gpu& gpu);

  /// The network of nodes whose NICs bring `node_nic_bytes_per_s` together, shared by `gpus_per_node` GPUs; nothing:
  /// that of the cost model.
  predict::StepNetwork& of(std::optional<double> node_nic_bytes_per_s, std::uint64_t gpus_per_node);

  /// That of a row.
  predict::StepNetwork& of(const predict::TrainingRow& row) {
    return of(row.node_nic_bytes_per_s, row.mapping.gpus_per_node);
  }

 private:
  const cost::CostModel* model_;
  predict::StepConstants constants_;
  predict::NicRate usual_;  ///< what a NicRate takes over where nothing else is stated: latency, limit
  std::optional<predict::NicRate> line_rate_;
  bool strict_;
  std::map<std::pair<double, std::uint64_t>, std::unique_ptr<predict::StepNetwork>>
      networks_;  ///< by NIC rate and GPUs per node
};

/// The step model of a GPU with the networks of its steps. Efficiency is that of the GPU's file, or calibrated on the
/// rows of --calibrate (*.csv) that ran on the GPU, or on the matrix products of a campaign.
class GpuSteps {
 public:
  /// `cost` must outlive it. Throws InputError as its parts do.
  GpuSteps(const std::string& gpu, const StepFlags& flags, const cost::CostModel& cost);

  const predict::StepModel& model() const { return model_; }
  const std::string& efficiency_origin() const { return efficiency_.origin; }  ///< "0.894 of the peak, from ..."
  Networks& networks() { return networks_; }

 private:
  struct Efficiency {
    double value = 0;
    std::string origin;
  };
  Efficiency efficiency_by(const std::string& calibrate);

  predict::Gpu gpu_;
  predict::StepConstants constants_;
  Networks networks_;
  Efficiency efficiency_;  ///< by the members above
  predict::StepModel model_;
};

}  // namespace hockney::commands
