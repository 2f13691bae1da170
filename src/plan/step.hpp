#pragma once

#include <compare>
#include <string>

#include "base/bytes.hpp"
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

/// Part of a point's name: "gpt3-175b/L:96/h:12288/.../t:8/p:1/d:1/b:1"; what has its usual value is left out.
std::string to_text(const Step& step);

/// Upper bound of the buffers that one rank replays a step with: six activations of `activation` bytes, and twice the
/// gradients and the embedding's gradients that a rank of an end stage holds.
Bytes replay_memory(const Step& step, Bytes activation);

}  // namespace hockney::inline plan
