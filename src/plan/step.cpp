#include "plan/step.hpp"

#include <fmt/format.h>

namespace hockney::inline plan {

std::string to_text(const Step& step) {
  const Transformer& model = step.model;
  const Mapping& mapping = step.mapping;
  std::string text = fmt::format("{}/L:{}/h:{}/a:{}", model.name, model.layers, model.hidden, model.heads);
  const auto add = [&](bool unusual, std::string_view part) { text += unusual ? fmt::format("/{}", part) : ""; };
  add(model.key_value_heads != model.heads, fmt::format("kv:{}", model.key_value_heads));
  add(model.feed_forward != 4 * model.hidden, fmt::format("ff:{}", model.feed_forward));
  add(model.gated_feed_forward, "gated");
  text += fmt::format("/s:{}/V:{}", model.sequence, model.vocabulary);
  add(!model.tied_embeddings, "untied");
  text += fmt::format("/t:{}/p:{}/d:{}/b:{}", mapping.tensor, mapping.pipeline, mapping.data, mapping.micro_batch);
  add(step.repeats_forward(), "recompute");
  add(mapping.scatter_gather, "scatter_gather");
  add(mapping.gradient_bytes != 4, fmt::format("gradient:{}B", mapping.gradient_bytes));
  add(step.compute_s > 0, fmt::format("compute:{:g}us", step.compute_s * 1e6));
  return text;
}

Bytes replay_memory(const Step& step, Bytes activation) {
  constexpr std::uint64_t activations = 6;
  const Mapping& mapping = step.mapping;
  const std::uint64_t layers = step.model.layers / mapping.pipeline * step.model.parameters_per_layer();
  const std::uint64_t embedding = step.model.embedding_parameters() * (mapping.pipeline > 1 ? 2 : 1);
  const std::uint64_t reduced = (mapping.data > 1 ? layers : 0) + embedding;
  return activation * activations + Bytes{reduced / mapping.tensor * mapping.gradient_bytes} * 2;
}

}  // namespace hockney::inline plan
