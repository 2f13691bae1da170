#include "plan/replayed_step.hpp"

#include <fmt/format.h>

namespace hockney::inline plan {

Transformer transformer_of(const ReplayedStep& step) {
  Transformer model;
  model.name = step.model;
  model.layers = step.layers;
  model.hidden = step.hidden;
  model.heads = step.heads;
  model.key_value_heads = step.key_value_heads;
  model.feed_forward = step.feed_forward;
  model.gated_feed_forward = step.gated_feed_forward;
  model.sequence = step.sequence;
  model.vocabulary = step.vocabulary;
  model.tied_embeddings = step.tied_embeddings;
  return model;
}

ReplayedStep step_of(const Transformer& model) {
  ReplayedStep step;
  step.model = model.name;
  step.layers = model.layers;
  step.hidden = model.hidden;
  step.heads = model.heads;
  step.key_value_heads = model.key_value_heads;
  step.feed_forward = model.feed_forward;
  step.gated_feed_forward = model.gated_feed_forward;
  step.sequence = model.sequence;
  step.vocabulary = model.vocabulary;
  step.tied_embeddings = model.tied_embeddings;
  return step;
}

std::string to_text(const ReplayedStep& step) {
  std::string text = fmt::format("{}/L:{}/h:{}/a:{}", step.model, step.layers, step.hidden, step.heads);
  const auto add = [&](bool unusual, std::string_view part) { text += unusual ? fmt::format("/{}", part) : ""; };
  add(step.key_value_heads != step.heads, fmt::format("kv:{}", step.key_value_heads));
  add(step.feed_forward != 4 * step.hidden, fmt::format("ff:{}", step.feed_forward));
  add(step.gated_feed_forward, "gated");
  text += fmt::format("/s:{}/V:{}", step.sequence, step.vocabulary);
  add(!step.tied_embeddings, "untied");
  text += fmt::format("/t:{}/p:{}/d:{}/b:{}", step.tensor, step.pipeline, step.data, step.micro_batch);
  add(step.full_recompute, "recompute");
  add(step.scatter_gather, "scatter_gather");
  add(step.gradient_bytes != 4, fmt::format("gradient:{}B", step.gradient_bytes));
  add(step.compute_s > 0, fmt::format("compute:{:g}us", step.compute_s * 1e6));
  return text;
}

Bytes replay_memory(const ReplayedStep& step, Bytes activation) {
  constexpr std::uint64_t activations = 6;
  const Transformer model = transformer_of(step);
  const std::uint64_t layers = step.layers / step.pipeline * model.parameters_per_layer();
  const std::uint64_t embedding = model.embedding_parameters() * (step.pipeline > 1 ? 2 : 1);
  const std::uint64_t reduced = (step.data > 1 ? layers : 0) + embedding;
  return activation * activations + Bytes{reduced / step.tensor * step.gradient_bytes} * 2;
}

}  // namespace hockney::inline plan
