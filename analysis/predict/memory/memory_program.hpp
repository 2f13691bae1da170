#pragma once

#include <cstdint>
#include <optional>
#include <tuple>

#include "base/fields.hpp"
#include "predict/sharding.hpp"

namespace hockney::predict {

/// What a training program keeps in memory beyond what model and mapping say. The usual values are Megatron-LM's.
struct MemoryProgram {
  std::optional<Sharding> sharding{};  ///< nothing: the optimizer's under Mapping::distributed_optimizer, else none
  std::uint64_t sharing_gpus = 0;      ///< replicas that hold one copy of the state together (HSDP); 0: all
  bool fused_softmax = true;           ///< of attention that is not fused itself
  bool fused_norm = true;
  bool fused_rotary = true;
  bool fused_gate = true;           ///< activation and product of a gated MLP are one kernel
  bool packed_attention = false;    ///< fused attention takes queries, keys and values in one tensor
  bool whole_logits = false;        ///< logits are gathered from the tensor ranks before the loss
  bool fused_loss = false;          ///< the loss and its gradient are made from 2-byte logits without others in memory
  bool optimizer_offload = false;   ///< fp32 weights and moments are kept by the host
  bool activation_offload = false;  ///< activations kept for the backward pass are
  double selective_products = 0;    ///< of a layer's products, the share that Recompute::selective does again with all
                                    ///< that lies between them; 0: it does the attention core alone again
};

/// What a table of mappings, a table of steps and the file of a stack tell of a program; its sharding has words of its
/// own (parse_sharding()).
inline constexpr std::tuple memory_program_fields{
    field<&MemoryProgram::fused_softmax>("fused_softmax", "1", "of attention that is not fused itself"),
    field<&MemoryProgram::fused_norm>("fused_norm", "1", "norms are one kernel"),
    field<&MemoryProgram::fused_rotary>("fused_rotary", "1", "rotation of queries and keys is one kernel"),
    field<&MemoryProgram::fused_gate>("fused_gate", "1", "activation and product of a gated MLP are one kernel"),
    field<&MemoryProgram::packed_attention>("packed_attention", "1",
                                            "fused attention takes queries, keys and values in one tensor"),
    field<&MemoryProgram::whole_logits>("whole_logits", "1", "logits are gathered before the loss"),
    field<&MemoryProgram::fused_loss>("fused_loss", "1", "loss and gradient are made from 2-byte logits alone"),
    field<&MemoryProgram::optimizer_offload>("optimizer_offload", "1", "fp32 weights and moments lie on the host"),
    field<&MemoryProgram::activation_offload>("activation_offload", "1", "kept activations lie on the host"),
};

}  // namespace hockney::predict
