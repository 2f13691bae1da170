#pragma once

#include <cstdint>
#include <optional>

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

}  // namespace hockney::predict
