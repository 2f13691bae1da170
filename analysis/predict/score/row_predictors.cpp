#include "predict/score/row_predictors.hpp"

#include <fmt/format.h>
#include <utility>

namespace hockney::predict {

RowPredictors::RowPredictors(std::filesystem::path gpus, CostOf cost_of, NetworkWishes wishes, Calibration calibration)
    : folder_(std::move(gpus)),
      cost_of_(std::move(cost_of)),
      wishes_(std::move(wishes)),
      calibration_(std::move(calibration)) {}

bool RowPredictors::is_of(const Key& key, const StepRow& row) {
  const auto& [gpu, stack, precision, sharding] = key;
  return gpu == row.gpu && stack == row.stack && precision == row.way.precision && sharding == row.way.sharding;
}

Predictor& RowPredictors::of(const StepRow& row) {
  if (last_ == nullptr || !is_of(last_->first, row)) {
    const Key key{row.gpu, row.stack, row.way.precision, row.way.sharding};
    auto found = predictors_.find(key);
    if (found == predictors_.end()) {
      NetworkWishes wishes = wishes_;
      if (row.stack != nullptr && !row.stack->host_waits) {
        wishes.without.push_back(Addition::host_wait);
      }
      const Gpu on = find_gpu(row.gpu, folder_);
      found = predictors_
                  .emplace(key, std::make_unique<Predictor>(cost_of_(on), on, std::move(wishes), calibration_, row.way))
                  .first;
    }
    last_ = &*found;
  }
  return *last_->second;
}

std::map<std::string, std::string> RowPredictors::efficiencies() const {
  std::map<std::string, std::string> origins;
  for (const auto& [key, predictor] : predictors_) {
    const auto& [gpu, stack, precision, sharding] = key;
    origins[precision == Precision::bf16 ? gpu : fmt::format("{} {}", gpu, name_of(precision))] =
        predictor->efficiency_origin();
  }
  return origins;
}

void join_fabric(StepRow& row, const Gpu& gpu) {
  const std::uint64_t joined = gpu.fabric_gpus;
  std::uint64_t& gpus_per_node = row.mapping.gpus_per_node;
  if (joined <= gpus_per_node) {
    return;
  }
  if (row.node_nic_bytes_per_s) {
    *row.node_nic_bytes_per_s *= static_cast<double>(joined) / static_cast<double>(gpus_per_node);
  }
  gpus_per_node = joined;
}

}  // namespace hockney::predict
