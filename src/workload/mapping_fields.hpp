#pragma once

#include <tuple>

#include "base/fields.hpp"
#include "workload/mapping.hpp"

namespace hockney::inline workload {

/// What JSON (name), command lines and tables of training steps (word) tell of a mapping. A table may use either.
inline constexpr std::tuple mapping_fields{
    field<&Mapping::tensor>("tensor", "1", "tensor-parallel size", "tp"),
    field<&Mapping::context>("context", "1", "context-parallel size", "cp"),
    field<&Mapping::pipeline>("pipeline", "1", "pipeline stages", "pp"),
    field<&Mapping::data>("data", "1", "data-parallel replicas", "dp"),
    field<&Mapping::expert>("expert", "1", "expert-parallel size", "ep"),
    field<&Mapping::expert_tensor>("expert_tensor", "1",
                                   "tensor-parallel size of experts; 0: tp, less where ep is above cp times dp", "etp"),
    field<&Mapping::virtual_stages>("virtual_stages", "1", "model chunks per GPU (interleaved schedule)", "vp"),
    field<&Mapping::micro_batch>("micro_batch_sequences", "1", "sequences per micro-batch", "mbs").required(),
    field<&Mapping::global_batch>("global_batch_sequences", "1", "sequences per step", "gbs").required(),
    field<&Mapping::gpus_per_node>("gpus_per_node", "1", "GPUs that share a node"),
    field<&Mapping::recompute>("recompute", "1", "none, selective (the attention core) or full"),
    field<&Mapping::recompute_layers>(
        "recompute_layers", "1", "under full recompute the layers of a stage, or of its chunk, that do it; 0: all"),
    field<&Mapping::sequence_parallel>("sequence_parallel", "1", "norms and dropouts on 1/tp of the sequence", "sp"),
    field<&Mapping::scatter_gather>("scatter_gather", "1",
                                    "between stages send 1/tp of the activation per rank and gather it on arrival"),
    field<&Mapping::flash_attention>("flash_attention", "1", "fused attention", "flash"),
    field<&Mapping::distributed_optimizer>("distributed_optimizer", "1", "optimizer state divided over replicas"),
    field<&Mapping::overlap_tensor>("overlap_tensor", "1", "tensor collectives of the backward pass beside a GEMM"),
    field<&Mapping::overlap_transfers>("overlap_transfers", "1", "interleaved schedule: transfers beside computation"),
    field<&Mapping::overlap_gradients>("overlap_gradients", "1",
                                       "reduce gradients in buckets beside the last backward pass"),
    field<&Mapping::overlap_experts>("overlap_experts", "1",
                                     "all-to-alls of experts beside the layers of another micro-batch"),
    field<&Mapping::bytes_per_element>("element_bytes", "byte", "bytes of an activation: 1, 2 or 4",
                                       "bytes_per_element"),
    field<&Mapping::gradient_bytes>("gradient_bytes", "byte", "bytes of a reduced gradient: 2 or 4"),
    field<&Mapping::routing_skew>("routing_skew", "1", "of experts: share of expert j proportional to (j + 1)^-skew"),
};

}  // namespace hockney::inline workload
