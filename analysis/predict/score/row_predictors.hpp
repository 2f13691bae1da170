#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>

#include "predict/memory/step_memory.hpp"
#include "predict/predictor.hpp"
#include "predict/score/known_names.hpp"
#include "predict/score/step_rows.hpp"

namespace hockney::predict {

/// What answers a row.
struct RowPredictor {
  Predictor& predictor;
  StepMemory stated;  ///< as the row states its sharding
};

/// The predictors of the rows of tables, made when first asked for: one per GPU, software stack, precision,
/// sharding and whether logits are gathered, as these say how a step is run and whether the host waits between stages.
class RowPredictors {
 public:
  /// The GPU of a name, and the networks that answer for it, which must outlive the predictors.
  using GpuOf = std::function<Gpu(const std::string&)>;
  using CostOf = std::function<const cost::CostModel&(const Gpu&)>;

  RowPredictors(GpuOf gpu_of, CostOf cost_of, NetworkWishes wishes, Calibration calibration);

  /// Joins the row's fabric (join_fabric()); parameters are sharded as sharding_with_room() says. Throws InputError as
  /// `gpu_of`, `cost_of` and Predictor.
  RowPredictor of(StepRow& row);

  /// Per GPU, stack, and precision where it is not bf16, where its efficiency comes from.
  std::map<std::string, std::string> efficiencies() const;

 private:
  using Key = std::tuple<std::string, const Stack*, Precision, Sharding, bool>;  ///< whether logits are gathered

  GpuOf gpu_of_;
  CostOf cost_of_;
  NetworkWishes wishes_;
  Calibration calibration_;
  LookedUp<Gpu> gpus_;
  std::map<Key, std::unique_ptr<Predictor>> predictors_;
  const std::pair<const Key, std::unique_ptr<Predictor>>* last_ = nullptr;  ///< asked for
};

}  // namespace hockney::predict
