#include "views/json_parts.hpp"

namespace hockney::views {
namespace {

Json as_json(const predict::CurveUse& use) {
  const cost::AlphaBeta& segment = use.curve->segments[use.segment];
  return {{"name", use.curve->name()},
          {"machine", use.curve->machine},
          {"source", use.curve->source},
          {"fabric", name_of(use.curve->shape.fabric)},
          {"segment_from_bytes", segment.from.count},
          {"segment_to_bytes", segment.to.count},
          {"alpha_s", segment.alpha_s},
          {"beta_s_per_byte", segment.beta_s_per_byte}};
}

Json as_json(const PlacedGroup& placed) {
  return {{"ranks", placed.group.ranks},
          {"ranks_per_node", placed.group.ranks_per_node},
          {"stride", placed.group.stride},
          {"nodes", placed.nodes},
          {"fabric_class", name_of(predict::fabric_class(placed))}};
}

}  // namespace

Json json_of(const Mapping& mapping) {
  return {{"tensor", mapping.tensor},
          {"context", mapping.context},
          {"pipeline", mapping.pipeline},
          {"data", mapping.data},
          {"expert", mapping.expert},
          {"virtual_stages", mapping.virtual_stages},
          {"micro_batch_sequences", mapping.micro_batch},
          {"global_batch_sequences", mapping.global_batch},
          {"micro_batches_per_pipeline", mapping.micro_batches()},
          {"gpus", mapping.gpus()},
          {"nodes", mapping.nodes()},
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

Json json_of(const Message& message, const predict::Answer& answer) {
  Json curves = Json::array();
  for (const predict::CurveUse& use : answer.curves) {
    curves.push_back(as_json(use));
  }
  const cost::Estimate& estimate = answer.estimate;
  return {{"cause", name_of(message.cause)},
          {"purpose", message.purpose},
          {"operation", name_of(message.operation)},
          {"group", as_json(message.placed)},
          {"payload_bytes", message.payload.count},
          {"count_per_step", message.count},
          {"each_value_s", estimate.value_s},
          {"each_low_s", estimate.low_s},
          {"each_high_s", estimate.high_s},
          {"basis", name_of(estimate.basis)},
          {"curves", std::move(curves)},
          {"extrapolated", estimate.extrapolated},
          {"in_gap", estimate.in_gap},
          {"substituted", answer.substituted},
          {"line_rate", answer.from_line_rate()},
          {"remarks", answer.remarks}};
}

}  // namespace hockney::views
