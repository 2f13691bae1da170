#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "workload/transformer.hpp"

namespace hockney::inline plan {

/// The training step of a step_replay point: whose step it is and how it is laid out over the ranks of the group,
/// t p d of them. Symbols as in Megatron-LM. Zeros and empty texts for other operations. Together with the point's
/// micro_batches (m per pipeline), element (activations) and ranks per node it tells all that the predictor needs.
struct ReplayedStep {
  std::string model;                  ///< name, of letters, digits, '-', '_' and '.'; shapes may be reduced
  std::uint64_t layers = 0;           ///< L
  std::uint64_t hidden = 0;           ///< h
  std::uint64_t heads = 0;            ///< a
  std::uint64_t key_value_heads = 0;  ///< a unless grouped-query attention is used
  std::uint64_t feed_forward = 0;     ///< inner width of the MLP
  bool gated_feed_forward = false;    ///< three matrices instead of two
  std::uint64_t sequence = 0;         ///< s
  std::uint64_t vocabulary = 0;       ///< V
  bool tied_embeddings = false;
  std::uint64_t tensor = 0;       ///< t
  std::uint64_t pipeline = 0;     ///< p
  std::uint64_t data = 0;         ///< d
  std::uint64_t micro_batch = 0;  ///< b, sequences per micro-batch
  bool full_recompute = false;
  bool scatter_gather = false;       ///< 1/t of an activation per tensor rank between stages, then an all-gather
  std::uint64_t gradient_bytes = 0;  ///< of one gradient in the data-parallel all-reduce: 4 (float32), 2 (bfloat16)
  double compute_s = 0;              ///< busy time that stands for one layer's forward pass; backward takes twice

  friend auto operator<=>(const ReplayedStep&, const ReplayedStep&) = default;

  std::uint64_t ranks() const { return tensor * pipeline * data; }
};

/// The model of a step. Its source is left empty.
Transformer transformer_of(const ReplayedStep& step);

/// A step of a model, its mapping and compute still to be filled in.
ReplayedStep step_of(const Transformer& model);

/// Part of a point's name: "gpt3-175b/L:96/h:12288/.../t:8/p:1/d:1/b:1"; what has its usual value is left out.
std::string to_text(const ReplayedStep& step);

/// Upper bound of the buffers that one rank replays a step with: six activations of `activation` bytes, and twice the
/// gradients and the embedding's gradients that a rank of an end stage holds.
Bytes replay_memory(const ReplayedStep& step, Bytes activation);

}  // namespace hockney::inline plan
