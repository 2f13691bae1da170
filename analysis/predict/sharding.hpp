#pragma once

namespace hockney::predict {

/// How much of the training state the data-parallel replicas divide among each other; each value divides what those
/// before it do (Rajbhandari et al., arXiv 1910.02054, section 5; Zhao et al., arXiv 2304.11277).
enum class Sharding {
  none,       ///< every replica holds all
  optimizer,  ///< ZeRO-1, Megatron-LM's distributed optimizer: nothing but Mapping::distributed_optimizer
  gradients,  ///< ZeRO-2, FSDP's SHARD_GRAD_OP: parameters are gathered once per step
  full,       ///< ZeRO-3, FSDP's FULL_SHARD: parameters of a layer are gathered for each pass through it
  hybrid,     ///< HSDP, FSDP's HYBRID_SHARD: the same within a node; nodes hold copies and sum their gradients
};

}  // namespace hockney::predict
