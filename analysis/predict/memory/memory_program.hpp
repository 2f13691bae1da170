#pragma once

#include <cstdint>
#include <optional>

#include "base/names.hpp"

namespace hockney::predict {

/// How much of the training state the data-parallel replicas divide among each other; each stage divides what those
/// before it do (Rajbhandari et al. 2020, arXiv 1910.02054, section 5).
enum class StateSharding {
  none,        ///< every replica holds all
  optimizer,   ///< ZeRO-1, Megatron-LM's distributed optimizer
  gradients,   ///< ZeRO-2, FSDP SHARD_GRAD_OP between backward passes
  parameters,  ///< ZeRO-3, FSDP FULL_SHARD: weights are gathered for one unit at a time
};

struct StateShardingNames {
  static constexpr std::string_view what = "sharding";
  static constexpr std::array<NamedValue<StateSharding>, 4> table{{{StateSharding::none, "none"},
                                                                   {StateSharding::optimizer, "optimizer"},
                                                                   {StateSharding::gradients, "gradients"},
                                                                   {StateSharding::parameters, "parameters"}}};
};
StateShardingNames names_of(StateSharding);

/// What a training program keeps in memory beyond what model and mapping say. The usual values are Megatron-LM's.
struct MemoryProgram {
  std::optional<StateSharding>
      sharding{};                  ///< nothing: the optimizer's under Mapping::distributed_optimizer, else none
  std::uint64_t sharing_gpus = 0;  ///< replicas that hold one copy of the state together (HSDP); 0: all
  bool fused_softmax = true;       ///< of attention that is not fused itself
  bool fused_norm = true;
  bool fused_rotary = true;
  bool fused_gate = true;         ///< activation and product of a gated MLP are one kernel
  bool packed_attention = false;  ///< fused attention takes queries, keys and values in one tensor
  bool whole_logits = false;      ///< logits are gathered from the tensor ranks before the loss
};

}  // namespace hockney::predict
