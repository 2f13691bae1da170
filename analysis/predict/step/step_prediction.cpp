#include "predict/step/step_prediction.hpp"

#include <fmt/format.h>

#include "base/number.hpp"
#include "predict/step/step_warnings.hpp"

namespace hockney::predict {
namespace {

constexpr double seconds_per_hour = 3600;
constexpr double million = 1e6;

std::string gibibytes(double bytes) { return significant(bytes / 0x1p30, 3); }

std::vector<StepLine> lines_of(const StepModel& step, const Transformer& model, const Mapping& mapping,
                               StepNetwork& network) {
  std::vector<StepLine> lines;
  for (const MessageCost& cost : step.messages(model, mapping, network)) {
    lines.push_back({cost.message, network.answer(cost.message), cost.once});
  }
  return lines;
}

std::vector<std::string> all_warnings(const StepModel& step, const StepMemory& memory,
                                      std::span<const StepLine> lines) {
  std::vector<std::string> warnings = warnings_about(lines);
  for (std::string& warning : warnings_about_gpu(step, verdict(memory, step.gpu().memory))) {
    warnings.push_back(std::move(warning));
  }
  return warnings;
}

}  // namespace

std::vector<std::string> warnings_about_gpu(const StepModel& step, const MemoryVerdict& memory) {
  const Gpu& gpu = step.gpu();
  std::vector<std::string> warnings;
  if (memory.fit != Fit::fits) {
    warnings.push_back(fmt::format("MEMORY: {}: the step needs {} GiB on the fullest GPU, of {} {} GiB can be used",
                                   name_of(memory.fit), gibibytes(memory.needed), gpu.name, gibibytes(memory.usable)));
  }
  if (gpu.calibrated_on.starts_with("not calibrated") && step.efficiency() == gpu.efficiency) {
    warnings.push_back(
        fmt::format("NOT CALIBRATED: the efficiency of {} is from no training run on it; no interval holds that error "
                    "(--calibrate ROWS.csv or a campaign with matrix products)",
                    gpu.name));
  }
  return warnings;
}

double model_flops(const Transformer& model, const Mapping& mapping) {
  return static_cast<double>(mapping.global_batch) * static_cast<double>(model.sequence) *
         training_flops_per_token(model);
}

double StepPrediction::model_flops_utilisation() const {
  const double peak = gpu.peak_flops_per_s(mapping.bytes_per_element) * static_cast<double>(mapping.gpus());
  return model_flops(model, mapping) / (peak * time.total_s);
}

double StepPrediction::cost_per_step(double cost_per_gpu_hour) const {
  return cost_per_gpu_hour * static_cast<double>(mapping.gpus()) * time.total_s / seconds_per_hour;
}

double StepPrediction::cost_per_million_tokens(double cost_per_gpu_hour) const {
  return cost_per_step(cost_per_gpu_hour) / tokens_per_step() * million;
}

StepMemory memory_of(const RunWay& way, const Transformer& model, const Mapping& mapping) {
  MemoryProgram program = way.memory;
  program.selective_products = way.selective_products;
  program.fused_norm = program.fused_norm && !way.unfused_norms;
  if (way.sharding != Sharding::none) {
    program.sharding = way.sharding;
  }
  return step_memory(model, mapping, program);
}

std::vector<std::string> warnings_about_step(const StepModel& step, const Transformer& model, const Mapping& mapping,
                                             StepNetwork& network) {
  return all_warnings(step, memory_of(step.way(), model, mapping), lines_of(step, model, mapping, network));
}

StepPrediction predict_step(const StepModel& step, const Transformer& model, const Mapping& mapping,
                            StepNetwork& network) {
  check(mapping, model);
  StepPrediction prediction;
  prediction.model = model;
  prediction.mapping = mapping;
  prediction.gpu = step.gpu();
  prediction.precision = step.way().precision;
  prediction.efficiency = step.efficiency();
  prediction.memory = memory_of(step.way(), model, mapping);
  prediction.time = step.predict(model, mapping, network);
  prediction.draws = draw_steps(step, model, mapping, network);
  prediction.lines = lines_of(step, model, mapping, network);
  prediction.warnings = all_warnings(step, prediction.memory, prediction.lines);
  return prediction;
}

StepPrediction predict_communication(const Transformer& model, const Mapping& mapping, CriticalStage critical,
                                     StepNetwork& network) {
  check(mapping, model);
  StepPrediction prediction;
  prediction.scope = Scope::communication;
  prediction.model = model;
  prediction.mapping = mapping;
  prediction.time = communication_of(model, mapping, critical, network);
  prediction.draws = draw_communication(model, mapping, critical, network);
  for (const Message& message : list_messages(model, mapping, critical)) {
    prediction.lines.push_back({message, network.answer(message), {network.time(message), 0}});
  }
  prediction.warnings = warnings_about(prediction.lines);
  return prediction;
}

}  // namespace hockney::predict
