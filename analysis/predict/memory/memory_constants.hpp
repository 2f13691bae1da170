#pragma once

#include <span>
#include <string_view>

namespace hockney::predict {

/// What the memory model assumes beside model, mapping and program. memory_constants_table() lists each with its
/// origin. "The 13B rows" there are 201 mappings of a 13B LLaMA on 64 A100 GPUs of 80 GB that fitted or ran out of
/// memory (Hagemann et al., arXiv 2311.05610, the data beside the paper).
struct MemoryConstants {
  double usable_share = 0.99;          ///< of a GPU's memory that programs can allocate
  double context_bytes = 0x1p29;       ///< CUDA context, libraries' kernels and workspace, per GPU
  double communicator_bytes = 0x1p28;  ///< buffers of one NCCL communicator
  double fragmentation = 0.05;         ///< of activations and logits, lost between the allocator's blocks
  double unfused_score_bytes = 2;      ///< per attention score beyond the five of Table 2, where softmax is not fused
  double unfused_norm_bytes = 6;       ///< per element and norm, where the norm is not fused
  double unfused_rotary_bytes = 4;     ///< per element of queries and keys, where the rotation is not fused
  double packed_input_bytes = 2;       ///< per element of queries, keys and values, where attention wants them packed
  double unfused_gate_bytes = 2;     ///< per element of a gated MLP's inner width, where activation and product are two
  double sharded_logit_bytes = 12;   ///< per logit of a tensor rank, where cross entropy works on the ranks' parts
  double whole_logit_bytes = 16;     ///< per logit, where every GPU holds all of them
  double gathered_logit_bytes = 10;  ///< the same, on top, where they are gathered from tensor ranks
  double fused_logit_bytes = 4;      ///< per logit, where the loss is one kernel
  double tight_share = 0.05;         ///< of the usable memory: a smaller margin is tight
  double close_share = 0.2;          ///< of the usable memory: a smaller margin may cost time
};

/// One row of the table of constants.
struct MemoryConstantRow {
  std::string_view name;
  double MemoryConstants::*value;
  std::string_view unit;
  std::string_view origin;  ///< counted from what, published where, or tuned on what
};

/// Every member of MemoryConstants, in order of declaration.
std::span<const MemoryConstantRow> memory_constants_table();

}  // namespace hockney::predict
