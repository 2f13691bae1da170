#pragma once

#include "plan/case.hpp"

/// Steps to replay with known numbers, for tests.
namespace hockney::inline plan::synthetic {

/// A model whose inner width is 4 hidden, with as many key-value heads as heads.
inline Transformer tiny_model(std::uint64_t layers, std::uint64_t hidden, std::uint64_t heads, std::uint64_t sequence,
                              std::uint64_t vocabulary) {
  return {.name = "tiny",
          .source = {},
          .layers = layers,
          .hidden = hidden,
          .heads = heads,
          .key_value_heads = heads,
          .feed_forward = 4 * hidden,
          .sequence = sequence,
          .vocabulary = vocabulary};
}

/// A step_replay point in float32 with a micro-batch of one sequence, all ranks on one node.
inline Case step_point(const Transformer& model, std::uint64_t tensor, std::uint64_t pipeline, std::uint64_t data,
                       std::uint32_t micro_batches) {
  Case point;
  point.become(Operation::step_replay);
  Step step{.model = model, .mapping = {}};
  step.mapping.tensor = tensor;
  step.mapping.pipeline = pipeline;
  step.mapping.data = data;
  point.group.ranks = point.group.ranks_per_node = static_cast<std::uint32_t>(step.mapping.gpus());
  point.payload = model.activation(1, size_of(point.element).count);
  point.own = step;
  point.set_micro_batches(micro_batches);
  return point;
}

/// The step of a step_replay point, to change it.
inline Step& step_in(Case& point) { return std::get<Step>(point.own); }

}  // namespace hockney::inline plan::synthetic
