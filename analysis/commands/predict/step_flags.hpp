#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cost/cost_model.hpp"
#include "predict/score/row_predictors.hpp"

namespace CLI {
class App;
}

namespace hockney::commands {

/// Flags that say what to predict with: cost model, networks, GPU. A command adds the groups that it reads.
struct StepFlags {
  std::string cost;
  std::vector<std::string> machines;
  std::string gpu{"a100-80g"};
  std::string stack;
  std::string precision;
  std::string sharding;
  std::string calibrate;
  std::string node_nic;
  std::string bandwidth;
  std::string latency;
  std::vector<std::string> without;
  std::string mesh;
  bool strict = false;

  /// --cost, --machine, --inter-node-bandwidth, --inter-node-latency, --without, --mesh, --strict.
  void add_network_to(CLI::App& command);
  void add_gpu_to(CLI::App& command);        ///< --gpu
  void add_run_to(CLI::App& command);        ///< --stack, --precision, --sharding
  void add_node_nic_to(CLI::App& command);   ///< --node-nic
  void add_calibrate_to(CLI::App& command);  ///< --calibrate

  /// The flags on a command line again, without those at their default: "--cost reference:dgx-a100 ...".
  std::string text() const;
};

/// A cost model by file or as reference:NAME. Curves of other machines than the chosen ones are dropped.
/// Throws InputError for several machines without a choice, and for unknown ones.
cost::CostModel read_cost(const StepFlags& flags);

/// read_cost() for each GPU; without --cost the published network that the GPU's file names. Read once.
class CostModels {
 public:
  explicit CostModels(StepFlags flags) : flags_(std::move(flags)) {}

  /// Throws InputError as read_cost(), and for a GPU whose file names no network.
  const cost::CostModel& of(const predict::Gpu& gpu);

  std::string names() const;  ///< of those that were asked for: "dgx-a100 (...)"

 private:
  StepFlags flags_;
  std::map<std::string, cost::CostModel> costs_;
};

/// What runs a step on a GPU, and how it lays it out where nothing else is said.
struct UsualRun {
  predict::StackRun run;
  Mapping mapping;
};

/// As of a row of a table (predict::StepRow): the stack of --stack, else the usual one, with --precision and
/// --sharding. Throws InputError for unknown words.
UsualRun usual_run(const StepFlags& flags, std::string_view gpu);

/// What the flags say of the networks. The line rate takes both of its flags or neither. Without --cost the NICs of
/// nodes that nobody states are taken as predict::usual_nic_bytes_per_s_per_gpu.
predict::NetworkWishes network_wishes(const StepFlags& flags);

/// What --node-nic states, B/s of a node; nothing without the flag.
std::optional<double> node_nic_of(const StepFlags& flags);

/// What --calibrate names: rows (*.csv) or the matrix products of a campaign. Throws InputError for a campaign without
/// products on GPUs.
predict::Calibration calibration_of(const StepFlags& flags);

/// The predictors of rows of tables. `costs` must outlive them.
predict::RowPredictors row_predictors(const StepFlags& flags, CostModels& costs);

/// A predictor by the flags for networks and calibration; without `run` it is to be asked for its networks alone.
/// `cost` must outlive it.
predict::Predictor predictor_of(const StepFlags& flags, predict::Gpu gpu, const cost::CostModel& cost,
                                predict::StackRun run = {});

}  // namespace hockney::commands
