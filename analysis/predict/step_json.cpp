#include <nlohmann/json.hpp>

#include "predict/step_screen.hpp"

namespace hockney {
namespace {

using Json = nlohmann::ordered_json;

Json as_json(const Mapping& mapping) {
  return {{"tensor", mapping.tensor},
          {"context", mapping.context},
          {"pipeline", mapping.pipeline},
          {"data", mapping.data},
          {"expert", mapping.expert},
          {"virtual_stages", mapping.virtual_stages},
          {"micro_batch_sequences", mapping.micro_batch},
          {"global_batch_sequences", mapping.global_batch},
          {"gpus", mapping.gpus()},
          {"gpus_per_node", mapping.gpus_per_node},
          {"recompute", name_of(mapping.recompute)},
          {"sequence_parallel", mapping.sequence_parallel},
          {"scatter_gather", mapping.scatter_gather},
          {"flash_attention", mapping.flash_attention},
          {"distributed_optimizer", mapping.distributed_optimizer},
          {"overlap_tensor", mapping.overlap_tensor},
          {"overlap_transfers", mapping.overlap_transfers},
          {"overlap_gradients", mapping.overlap_gradients},
          {"element_bytes", mapping.bytes_per_element},
          {"gradient_bytes", mapping.gradient_bytes},
          {"routing_skew", mapping.routing_skew}};
}

Json as_json(const StepLine& each) {
  const Message& message = each.line.message;
  const Estimate& estimate = each.line.answer.estimate;
  Json curves = Json::array();
  for (const CurveUse& use : each.line.answer.curves) {
    const AlphaBeta& segment = use.curve->segments[use.segment];
    curves.push_back({{"name", use.curve->name()},
                      {"machine", use.curve->machine},
                      {"source", use.curve->source},
                      {"segment_from_bytes", segment.from.count},
                      {"segment_to_bytes", segment.to.count},
                      {"alpha_s", segment.alpha_s},
                      {"beta_s_per_byte", segment.beta_s_per_byte}});
  }
  return {{"cause", name_of(message.cause)},
          {"purpose", message.purpose},
          {"operation", name_of(message.operation)},
          {"ranks", message.placed.group.ranks},
          {"ranks_per_node", message.placed.group.ranks_per_node},
          {"stride", message.placed.group.stride},
          {"nodes", message.placed.nodes},
          {"payload_bytes", message.payload.count},
          {"count_per_step", message.count},
          {"beside", name_of(message.overlap)},
          {"each_value_s", estimate.value_s},
          {"each_low_s", estimate.low_s},
          {"each_high_s", estimate.high_s},
          {"exposed_s", each.exposed_s()},
          {"hidden_s", each.hidden_s()},
          {"extrapolated", estimate.extrapolated},
          {"in_gap", estimate.in_gap},
          {"substituted", each.line.answer.substituted},
          {"basis", name_of(estimate.basis)},
          {"curves", std::move(curves)},
          {"remarks", each.line.answer.remarks}};
}

Json as_json(const StepPrediction& step, const std::string& name, const std::optional<Price>& price) {
  Json json{{"name", name},
            {"model", step.model.name},
            {"mapping", as_json(step.mapping)},
            {"gpu", step.gpu.name},
            {"efficiency_fraction", step.efficiency},
            {"efficiency_origin", step.efficiency_origin},
            {"cost_model", step.cost_name},
            {"warnings", step.warnings},
            {"tokens_per_step", step.tokens_per_step()},
            {"model_flops_utilisation_fraction", step.model_flops_utilisation()}};
  Json parts = Json::array();
  for (const StepPart& part : step_parts()) {
    const double seconds = part.seconds(step.time);
    const Interval interval = step.draws.interval(part, seconds);
    parts.push_back({{"part", part.name},
                     {"exposed_s", seconds},
                     {"low_s", interval.low},
                     {"high_s", interval.high},
                     {"share_fraction", seconds / step.time.total_s},
                     {"hidden_s", part.hidden(step.time)}});
  }
  json["parts"] = std::move(parts);
  if (price) {
    json["cost_per_gpu_hour"] = price->per_gpu_hour;
    json["cost_per_step"] = step.cost_per_step(price->per_gpu_hour);
    json["cost_per_million_tokens"] = step.cost_per_million_tokens(price->per_gpu_hour);
  }
  Json messages = Json::array();
  for (const StepLine& line : step.lines) {
    messages.push_back(as_json(line));
  }
  json["messages"] = std::move(messages);
  return json;
}

}  // namespace

std::string to_json(std::span<const StepPrediction> steps, std::span<const std::string> names,
                    const std::optional<Price>& price) {
  Json json{{"schema", "hockney step prediction"}, {"version", "1.0.0"}};
  json["steps"] = Json::array();
  for (std::size_t i = 0; i < steps.size(); ++i) {
    json["steps"].push_back(as_json(steps[i], names[i], price));
  }
  return json.dump(2) + "\n";
}

}  // namespace hockney
