#include "views/prediction_json.hpp"

#include "views/json_parts.hpp"

namespace hockney::views {
namespace {

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

Json as_json(const std::optional<predict::LineRate>& rate) {
  if (!rate) {
    return nullptr;
  }
  return {{"bandwidth_bytes_per_s", rate->bandwidth.value}, {"latency_s", rate->latency.count()}};
}

Json as_json(const predict::Sum& sum) {
  return {{"value_s", sum.value_s}, {"low_s", sum.low_s}, {"high_s", sum.high_s}, {"basis", name_of(sum.basis)}};
}

Json as_json(const predict::CauseSum& part) {
  Json json{{"cause", name_of(part.cause)}};
  json.update(as_json(part.sum));
  json["share_fraction"] = part.share;
  return json;
}

Json as_json(const predict::Line& line) {
  Json json = json_of(line.message, line.answer);
  json["total_value_s"] = line.value_s();
  json["total_low_s"] = line.low_s();
  json["total_high_s"] = line.high_s();
  return json;
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

std::string to_json(const predict::Prediction& prediction) {
  const cost::CostModel& cost = *prediction.cost_model;
  const Mapping& mapping = prediction.request.mapping;
  Json json{{"schema", "hockney prediction"}, {"version", "2.0.0"}};
  json["transformer"] = as_json(prediction.request.transformer);
  json["mapping"] = json_of(mapping);
  json["cost_model"] = {{"name", cost.name}, {"created_by", cost.created_by}, {"sources", cost.sources}};
  json["line_rate"] = as_json(prediction.request.line_rate);
  json["strict"] = prediction.request.strict;
  json["warnings"] = prediction.warnings;
  json["total"] = as_json(prediction.total);
  json["causes"] = as_list(prediction.causes);
  json["messages"] = as_list(prediction.lines);
  json["bubble"] = {{"over_ideal_fraction", mapping.bubble_over_ideal()},
                    {"over_total_fraction", mapping.bubble_over_total()}};
  json["conventions"] = predict::conventions(prediction.request);
  return json.dump(2) + "\n";
}

}  // namespace hockney::views
