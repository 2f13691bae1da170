#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>

#include "predict/predictor.hpp"
#include "predict/score/step_rows.hpp"

namespace hockney::predict {

/// The predictors of the rows of tables, made when first asked for: one per GPU, software stack, precision and
/// sharding, as these say how a step is run and whether the host waits between stages.
class RowPredictors {
 public:
  /// The networks that answer for a GPU. They must outlive the predictors.
  using CostOf = std::function<const cost::CostModel&(const Gpu&)>;

  /// `gpus`: the folder of GPU files.
  RowPredictors(std::filesystem::path gpus, CostOf cost_of, NetworkWishes wishes, Calibration calibration);

  /// Throws InputError as find_gpu(), `cost_of` and Predictor.
  Predictor& of(const StepRow& row);

  /// Per GPU, and precision where it is not bf16, where its efficiency comes from.
  std::map<std::string, std::string> efficiencies() const;

 private:
  using Key = std::tuple<std::string, const Stack*, Precision, Sharding>;

  static bool is_of(const Key& key, const StepRow& row);

  std::filesystem::path folder_;
  CostOf cost_of_;
  NetworkWishes wishes_;
  Calibration calibration_;
  std::map<Key, std::unique_ptr<Predictor>> predictors_;
  const std::pair<const Key, std::unique_ptr<Predictor>>* last_ = nullptr;  ///< asked for
};

/// GPUs that NVLink joins across nodes are one node to the model; its NICs are those of all of them.
void join_fabric(StepRow& row, const Gpu& gpu);

}  // namespace hockney::predict
