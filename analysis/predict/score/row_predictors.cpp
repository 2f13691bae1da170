#include "predict/score/row_predictors.hpp"

#include <fmt/format.h>
#include <utility>

namespace hockney::predict {

RowPredictors::RowPredictors(GpuOf gpu_of, CostOf cost_of, NetworkWishes wishes, Calibration calibration)
    : gpu_of_(std::move(gpu_of)),
      cost_of_(std::move(cost_of)),
      wishes_(std::move(wishes)),
      calibration_(std::move(calibration)) {}

RowPredictor RowPredictors::of(StepRow& row) {
  const Gpu& gpu = gpus_.of(row.gpu, [&] { return gpu_of_(row.gpu); });
  join_fabric(gpu, row.mapping, row.node_nic_bytes_per_s);
  const StepMemory stated = memory_of(row.way, row.model, row.mapping);
  const Sharding sharding = sharding_with_room(row, stated, gpu);
  const auto key = std::tie(row.gpu, row.stack, row.way.precision, sharding, row.way.memory.whole_logits);
  if (last_ == nullptr || last_->first != key) {
    auto found = predictors_.find(Key(key));
    if (found == predictors_.end()) {
      RunWay way = row.way;
      way.sharding = sharding;
      auto predictor = std::make_unique<Predictor>(cost_of_(gpu), gpu, wishes_, calibration_, StackRun{row.stack, way});
      found = predictors_.emplace(key, std::move(predictor)).first;
    }
    last_ = &*found;
  }
  return {*last_->second, stated};
}

std::map<std::string, std::string> RowPredictors::efficiencies() const {
  std::map<std::string, std::string> origins;
  for (const auto& [key, predictor] : predictors_) {
    const auto& [gpu, stack, precision, sharding, whole_logits] = key;
    std::string name = precision == Precision::bf16 ? gpu : fmt::format("{} {}", gpu, name_of(precision));
    name += stack == nullptr || stack->calibrated.empty() ? "" : " " + stack->name;
    origins[name] = predictor->efficiency_origin();
  }
  return origins;
}

}  // namespace hockney::predict
