#include "predict/score/row_predictors.hpp"

#include <fmt/format.h>
#include <utility>

namespace hockney::predict {

RowPredictors::RowPredictors(GpuOf gpu_of, CostOf cost_of, NetworkWishes wishes, Calibration calibration)
    : gpu_of_(std::move(gpu_of)),
      cost_of_(std::move(cost_of)),
      wishes_(std::move(wishes)),
      calibration_(std::move(calibration)) {}

const Gpu& RowPredictors::gpu_of(const std::string& name) {
  if (last_gpu_ == nullptr || last_gpu_->first != name) {
    const auto found = gpus_.find(name);
    last_gpu_ = &*(found == gpus_.end() ? gpus_.emplace(name, gpu_of_(name)).first : found);
  }
  return last_gpu_->second;
}

Predictor& RowPredictors::of(StepRow& row) {
  const Gpu& gpu = gpu_of(row.gpu);
  join_fabric(gpu, row.mapping, row.node_nic_bytes_per_s);
  RunWay way = row.way;
  way.sharding = sharding_with_room(row, gpu);
  const auto key = std::tie(row.gpu, row.stack, way.precision, way.sharding);
  if (last_predictor_ == nullptr || last_predictor_->first != key) {
    auto found = predictors_.find(Key(key));
    if (found == predictors_.end()) {
      found = predictors_
                  .emplace(key, std::make_unique<Predictor>(cost_of_(gpu), gpu, wishes_, calibration_,
                                                            StackRun{row.stack, way}))
                  .first;
    }
    last_predictor_ = &*found;
  }
  return *last_predictor_->second;
}

std::map<std::string, std::string> RowPredictors::efficiencies() const {
  std::map<std::string, std::string> origins;
  for (const auto& [key, predictor] : predictors_) {
    const auto& [gpu, stack, precision, sharding] = key;
    std::string name = precision == Precision::bf16 ? gpu : fmt::format("{} {}", gpu, name_of(precision));
    name += stack == nullptr || stack->calibrated.empty() ? "" : " " + stack->name;
    origins[name] = predictor->efficiency_origin();
  }
  return origins;
}

}  // namespace hockney::predict
