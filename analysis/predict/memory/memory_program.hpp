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
  bool fused_gate = true;         ///< activation and product of a gated MLP are one kernel
  bool packed_attention = false;  ///< fused attention takes queries, keys and values in one tensor
  bool whole_logits = false;      ///< logits are gathered from the tensor ranks before the loss
};

/// What a table of mappings tells of a program; its sharding has words of its own (parse_sharding()).
inline constexpr std::tuple memory_program_fields{
    field<&MemoryProgram::fused_softmax>("fused_softmax", "1", "of attention that is not fused itself"),
    field<&MemoryProgram::fused_norm>("fused_norm", "1", "norms are one kernel"),
    field<&MemoryProgram::fused_rotary>("fused_rotary", "1", "rotation of queries and keys is one kernel"),
    field<&MemoryProgram::fused_gate>("fused_gate", "1", "activation and product of a gated MLP are one kernel"),
    field<&MemoryProgram::packed_attention>("packed_attention", "1",
                                            "fused attention takes queries, keys and values in one tensor"),
    field<&MemoryProgram::whole_logits>("whole_logits", "1", "logits are gathered before the loss"),
};

}  // namespace hockney::predict
