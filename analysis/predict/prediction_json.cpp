#include "predict/prediction_json.hpp"

#include <nlohmann/json.hpp>

namespace hockney {
namespace {

using Json = nlohmann::ordered_json;

Json as_json(const Transformer& model) {
  return {{"name", model.name},
          {"source", model.source},
          {"layers", model.layers},
          {"hidden", model.hidden},
          {"heads", model.heads},
          {"sequence", model.sequence},
          {"vocabulary", model.vocabulary},
          {"tied_embeddings", model.tied_embeddings}};
}

Json as_json(const Mapping& mapping) {
  return {{"tensor", mapping.tensor},
          {"pipeline", mapping.pipeline},
          {"data", mapping.data},
          {"virtual_stages", mapping.virtual_stages},
          {"micro_batch", mapping.micro_batch},
          {"global_batch", mapping.global_batch},
          {"micro_batches", mapping.micro_batches()},
          {"gpus_per_node", mapping.gpus_per_node},
          {"gpus", mapping.gpus()},
          {"nodes", mapping.nodes()},
          {"recompute", name_of(mapping.recompute)},
          {"scatter_gather", mapping.scatter_gather},
          {"element_bytes", mapping.bytes_per_element},
          {"gradient_bytes", mapping.gradient_bytes}};
}

Json as_json(const std::optional<LineRate>& rate) {
  if (!rate) {
    return nullptr;
  }
  return {{"bandwidth_bytes_per_s", rate->bandwidth.value}, {"latency_s", rate->latency.count()}};
}

Json as_json(const Sum& sum) {
  return {{"value_s", sum.value_s}, {"low_s", sum.low_s}, {"high_s", sum.high_s}, {"basis", name_of(sum.basis)}};
}

Json as_json(const CauseSum& part) {
  Json json{{"cause", name_of(part.cause)}};
  json.update(as_json(part.sum));
  json["share_fraction"] = part.share;
  return json;
}

Json as_json(const CurveUse& use) {
  const AlphaBeta& segment = use.curve->segments[use.segment];
  return {{"name", use.curve->name()},
          {"machine", use.curve->machine},
          {"fabric", name_of(use.curve->shape.fabric)},
          {"segment", use.segment},
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
          {"fabric_class", name_of(fabric_class(placed))}};
}

Json as_json(const Line& line) {
  const Estimate& estimate = line.answer.estimate;
  Json curves = Json::array();
  for (const CurveUse& use : line.answer.curves) {
    curves.push_back(as_json(use));
  }
  return {{"cause", name_of(line.message.cause)},
          {"purpose", line.message.purpose},
          {"operation", name_of(line.message.operation)},
          {"group", as_json(line.message.placed)},
          {"payload_bytes", line.message.payload.count},
          {"count_per_step", line.message.count},
          {"each_value_s", estimate.value_s},
          {"each_low_s", estimate.low_s},
          {"each_high_s", estimate.high_s},
          {"total_value_s", line.value_s()},
          {"total_low_s", line.low_s()},
          {"total_high_s", line.high_s()},
          {"basis", name_of(estimate.basis)},
          {"curves", std::move(curves)},
          {"extrapolated", estimate.extrapolated},
          {"in_gap", estimate.in_gap},
          {"substituted", line.answer.substituted},
          {"line_rate", line.answer.from_line_rate()},
          {"remarks", line.answer.remarks}};
}

template <class Values>
Json as_list(const Values& values) {
  Json list = Json::array();
  for (const auto& value : values) {
    list.push_back(as_json(value));
  }
  return list;
}

}  // namespace

std::string to_json(const Prediction& prediction) {
  const CostModel& cost = *prediction.cost_model;
  const Mapping& mapping = prediction.request.mapping;
  Json json{{"schema", "hockney prediction"}, {"version", "1.0.0"}};
  json["transformer"] = as_json(prediction.request.transformer);
  json["mapping"] = as_json(mapping);
  json["cost_model"] = {{"name", cost.name}, {"created_by", cost.created_by}, {"sources", cost.sources}};
  json["line_rate"] = as_json(prediction.request.line_rate);
  json["strict"] = prediction.request.strict;
  json["warnings"] = prediction.warnings;
  json["total"] = as_json(prediction.total);
  json["causes"] = as_list(prediction.causes);
  json["messages"] = as_list(prediction.lines);
  json["bubble"] = {{"over_ideal_fraction", mapping.bubble_over_ideal()},
                    {"over_total_fraction", mapping.bubble_over_total()}};
  json["conventions"] = conventions(prediction.request);
  return json.dump(2) + "\n";
}

}  // namespace hockney
