#pragma once

#include <compare>
#include <string>

#include "base/bytes.hpp"
#include "base/fields.hpp"
#include "workload/mapping.hpp"
#include "workload/matmul.hpp"

namespace hockney::inline plan {

/// The training step of a step_replay point: whose step it is and how it is laid out over the ranks of the group,
/// t p d of them. Models are dense; their shapes may be reduced, and their source is not kept.
struct Step {
  Transformer model;  ///< its name is of letters, digits, '-', '_' and '.'
  Mapping mapping;
  double compute_s = 0;  ///< busy time that stands for one layer's forward pass; backward takes twice

  friend auto operator<=>(const Step&, const Step&) = default;

  bool repeats_forward() const { return mapping.recompute == Recompute::full; }
  void set_repeats_forward(bool is_full) { mapping.recompute = is_full ? Recompute::full : Recompute::none; }
};

/// Of a step the fields that differ between points. They are named as launch files have them.
inline constexpr std::tuple step_fields{
    field<&Step::model, &Transformer::name>("step_model", "", "step_replay: name of the model")
        .at_most(longest_layer_name)
        .since(2),
    field<&Step::model, &Transformer::layers>("step_layers", "1", "step_replay: layers; else 0").since(2),
    field<&Step::model, &Transformer::hidden>("step_hidden", "1", "step_replay: hidden size").since(2),
    field<&Step::model, &Transformer::heads>("step_heads", "1", "step_replay: attention heads").since(2),
    field<&Step::model, &Transformer::key_value_heads>("step_key_value_heads", "1", "step_replay: key-value heads")
        .since(2),
    field<&Step::model, &Transformer::feed_forward>("step_feed_forward", "1", "step_replay: inner width of the MLP")
        .since(2),
    field<&Step::model, &Transformer::gated_feed_forward>("step_gated_feed_forward", "1",
                                                          "step_replay: three matrices in the MLP")
        .since(2),
    field<&Step::model, &Transformer::sequence>("step_sequence", "1", "step_replay: tokens of a sequence").since(2),
    field<&Step::model, &Transformer::vocabulary>("step_vocabulary", "1", "step_replay: rows of the embedding")
        .since(2),
    field<&Step::model, &Transformer::tied_embeddings>("step_tied_embeddings", "1",
                                                       "step_replay: input and output embedding are one")
        .since(2),
    field<&Step::mapping, &Mapping::tensor>("step_tensor_parallel", "1", "step_replay: tensor-parallel size").since(2),
    field<&Step::mapping, &Mapping::pipeline>("step_pipeline_parallel", "1", "step_replay: pipeline stages").since(2),
    field<&Step::mapping, &Mapping::data>("step_data_parallel", "1", "step_replay: data-parallel replicas").since(2),
    field<&Step::mapping, &Mapping::micro_batch>("step_micro_batch", "1", "step_replay: sequences of a micro-batch")
        .since(2),
    field<computed<&Step::repeats_forward, &Step::set_repeats_forward>>(
        "step_full_recompute", "1", "step_replay: the backward pass repeats the forward one")
        .since(2),
    field<&Step::mapping, &Mapping::scatter_gather>("step_scatter_gather", "1",
                                                    "step_replay: shards between stages, then an all-gather")
        .since(2),
    field<&Step::mapping, &Mapping::gradient_bytes>("step_gradient_bytes", "byte",
                                                    "step_replay: one gradient of a weight")
        .since(2),
    field<&Step::compute_s>("step_compute", "s",
                            "step_replay: busy time for one layer's forward pass; backward takes twice")
        .since(2),
};

/// Part of a point's name: "gpt3-175b/L:96/h:12288/.../t:8/p:1/d:1/b:1"; what has its usual value is left out.
std::string to_text(const Step& step);

/// Upper bound of the buffers that one rank replays a step with: six activations of `activation` bytes, and twice the
/// gradients and the embedding's gradients that a rank of an end stage holds.
Bytes replay_memory(const Step& step, Bytes activation);

}  // namespace hockney::inline plan
