#pragma once

#include "workload/mapping.hpp"
#include "workload/transformer.hpp"

namespace hockney::predict {

/// Bytes that training needs on the fullest GPU, one of the first stage.
struct StepMemory {
  double parameters = 0;   ///< weights, gradients and optimizer state
  double activations = 0;  ///< kept for the backward pass

  double all() const { return parameters + activations; }
};

/// Parameters: bytes per weight of Megatron-LM's mixed precision (docs, dist_optimizer): with 4-byte gradients 18, with
/// 2-byte ones 20; distributed over c d replicas 6 + 12/(c d) and 4 + 16/(c d).
///
/// Activations per layer and micro-batch (Korthikanti et al., arXiv 2205.05198, Table 2; s is s/c, f the MLP's inner
/// width, 4 h there, where 8 + 4 f/h = 24):
///   no recompute      s b h (10 + (8 + 4 f/h)/t + 5 a s/(h t)); under sequence parallelism the 10 is over t, too
///   selective, flash  the same without 5 a s/(h t)
///   full              2 s b h (over t under sequence parallelism), plus one layer in full while it is recomputed
/// times L/p layers times the micro-batches in flight: min(m, p), under interleaving times 1 + (p - 1)/(p v) (section
/// 4.2.3); plus s b h min(m, p)/t of embedding dropouts, and 4 s b h/t (1 + V/h) of the logits when p = 1. A gated MLP
/// keeps 6 f/h. What the CUDA context, NCCL and fragmentation take is not in here.
StepMemory step_memory(const Transformer& model, const Mapping& mapping);

}  // namespace hockney::predict
