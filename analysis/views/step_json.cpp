#include "views/json_parts.hpp"
#include "views/step_screen.hpp"

namespace hockney::views {
namespace {

Json as_json(const predict::StepLine& each) {
  const Message& message = each.line.message;
  Json json = json_of(message, each.line.answer);
  json["beside"] = name_of(message.overlap);
  json["exposed_s"] = each.exposed_s();
  json["hidden_s"] = each.hidden_s();
  return json;
}

Json as_json(const predict::StepPrediction& step, const std::string& name, const std::optional<Price>& price) {
  Json json{{"name", name},
            {"model", step.model.name},
            {"mapping", json_of(step.mapping)},
            {"gpu", step.gpu.name},
            {"efficiency_fraction", step.efficiency},
            {"efficiency_origin", step.efficiency_origin},
            {"cost_model", step.cost_name},
            {"cost_model_sources", step.cost_sources},
            {"memory_bytes", step.memory.all()},
            {"activation_memory_bytes", step.memory.activations},
            {"warnings", step.warnings},
            {"tokens_per_step", step.tokens_per_step()},
            {"model_flops_utilisation_fraction", step.model_flops_utilisation()}};
  Json parts = Json::array();
  for (const predict::StepPart& part : predict::step_parts()) {
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
  for (const predict::StepLine& line : step.lines) {
    messages.push_back(as_json(line));
  }
  json["messages"] = std::move(messages);
  return json;
}

}  // namespace

std::string to_json(std::span<const predict::StepPrediction> steps, std::span<const std::string> names,
                    const std::optional<Price>& price) {
  Json json{{"schema", "hockney step prediction"}, {"version", "2.0.0"}};
  json["steps"] = Json::array();
  for (std::size_t i = 0; i < steps.size(); ++i) {
    json["steps"].push_back(as_json(steps[i], names[i], price));
  }
  return json.dump(2) + "\n";
}

}  // namespace hockney::views
