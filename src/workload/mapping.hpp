#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "base/names.hpp"
#include "workload/transformer.hpp"

namespace hockney::inline workload {

/// value / divisor, rounded up; divisor > 0.
constexpr std::uint64_t divided_up(std::uint64_t value, std::uint64_t divisor) {
  return (value + divisor - 1) / divisor;
}

/// Which activations the backward pass computes again (arXiv 2205.05198 section 5). Megatron-LM's own default is none.
enum class Recompute {
  none,
  selective,  ///< the attention core only (scores, softmax, dropout, values): it communicates nothing
  full,       ///< every layer's forward pass, its communication included
};

struct RecomputeNames {
  static constexpr std::string_view what = "recompute";
  static constexpr std::array<NamedValue<Recompute>, 3> table{
      {{Recompute::none, "none"}, {Recompute::selective, "selective"}, {Recompute::full, "full"}}};
};
RecomputeNames names_of(Recompute);

/// How a training step is laid out over GPUs. Symbols as in Megatron-LM: t tensor, p pipeline, d data parallel size,
/// v virtual stages, b micro-batch, m micro-batches per pipeline, c context, e expert parallel size.
struct Mapping {
  std::uint64_t tensor = 1;
  std::uint64_t context = 1;  ///< GPUs that share one sequence
  std::uint64_t pipeline = 1;
  std::uint64_t data = 1;
  std::uint64_t expert = 1;          ///< GPUs that share the experts of a layer
  std::uint64_t expert_tensor = 0;   ///< tensor-parallel size of the experts; 0: tensor_of_experts() tells
  std::uint64_t virtual_stages = 1;  ///< model chunks per GPU of the interleaved schedule; 1: plain 1F1B
  std::uint64_t micro_batch = 1;     ///< sequences per micro-batch
  std::uint64_t global_batch = 1;    ///< sequences per step
  std::uint64_t gpus_per_node = 8;
  Recompute recompute = Recompute::none;
  std::uint64_t recompute_layers = 0;  ///< under Recompute::full, of each chunk of a stage; 0: all (Megatron-LM's
                                       ///< recompute-method block, recompute-num-layers)
  bool sequence_parallel = false;  ///< 2205.05198 section 4.2.2: norms and dropouts on s/t, all-gather + reduce-scatter
  bool scatter_gather = false;     ///< 2104.04473 section 4.1: 1/t per tensor rank between stages, then all-gather
  std::uint64_t bytes_per_element = 2;  ///< of activations
  std::uint64_t gradient_bytes = 4;     ///< of one gradient in the data-parallel all-reduce
  bool overlap_tensor = true;           ///< backward collectives run beside the GEMM that does not need them
  bool overlap_transfers = false;       ///< interleaved schedule: transfers run beside the computation of a chunk
  bool overlap_gradients = false;       ///< gradients are reduced in buckets beside the last backward pass
  bool overlap_experts = false;         ///< tokens travel to experts beside the layers of another micro-batch, which
                                        ///< goes the other way (Megatron-Core's overlap-moe-expert-parallel-comm)
  bool distributed_optimizer = false;   ///< reduce-scatter of gradients, optimizer on 1/(c d), all-gather of parameters
  bool flash_attention = false;         ///< fused attention: scores never leave the chip
  double routing_skew = 0;              ///< of experts: share of expert j proportional to (j + 1)^-skew

  friend auto operator<=>(const Mapping&, const Mapping&) = default;

  std::uint64_t gpus() const { return tensor * context * pipeline * data; }
  std::uint64_t nodes() const { return divided_up(gpus(), gpus_per_node); }
  /// Of the replica with the most.
  std::uint64_t micro_batches() const { return divided_up(global_batch, micro_batch * data); }

  /// Tensor-parallel size of the experts. Where it is not stated: t, or, where e copies of that do not divide t c d,
  /// the largest divisor of t of which they do, as recipes have it that spread experts over tensor ranks (Megatron-LM's
  /// expert-tensor-parallel-size).
  std::uint64_t tensor_of_experts() const;

  /// GPUs that hold the same experts, t c d over those that hold all experts once.
  std::uint64_t expert_replicas() const;

  /// (p - 1) / (v m): idle time over the time of the work itself (2104.04473 section 2.2.2).
  double bubble_over_ideal() const;

  /// (p - 1) / (v m + p - 1): idle time over the time of the whole step.
  double bubble_over_total() const;
};

/// Throws InputError, one line that names the value and what was expected, when the mapping cannot run the model:
/// a size of zero, fewer layers than p v, heads, hidden or an inner width not a multiple of t (of an expert: of its
/// tensor-parallel size), key-value heads neither multiple nor divisor of t, sequence not of c (nor of c t under
/// sequence parallelism), experts not of e, t c d not of e times the experts' tensor-parallel size, fewer sequences in
/// the global batch than replicas or than one micro-batch of each, interleaving without a pipeline, recomputed layers
/// without Recompute::full, elements of other than 1, 2 or 4 bytes, gradients of other than 2 or 4 bytes, more than
/// 2^24 GPUs, or an activation tensor of 2^53 B or more. Layers need not divide by p v, nor the batch by b d: the
/// fullest GPU sets the pace.
void check(const Mapping& mapping, const Transformer& model);

/// Whether check() accepts, without a message and without an allocation: for searches.
bool fits(const Mapping& mapping, const Transformer& model);

/// Vocabulary that a GPU's share of the logits covers, V padded to a multiple of 128 t (Megatron-LM's
/// make-vocab-size-divisible-by), over t.
std::uint64_t vocabulary_shard(const Mapping& mapping, const Transformer& model);

/// Share of the layers whose forward pass is done again under Recompute::full, 0 to 1; 0 under the others.
double recomputed_layers(const Mapping& mapping, const Transformer& model);

/// Layers of the fullest stage, L/p rounded up: the first L mod p stages hold one more than the rest.
std::uint64_t layers_of_fullest_stage(const Mapping& mapping, const Transformer& model);

/// Layers of a stage by kind, stages counted from 0.
LayerCounts layers_of_stage(const Mapping& mapping, const Transformer& model, std::uint64_t stage);

/// Key-value heads that one GPU holds: at least one, the same on several GPUs where t is above their number.
std::uint64_t key_value_heads_per_gpu(const Mapping& mapping, const Transformer& model);

/// The mapping in one line: "tp 8 x pp 8 x dp 1 ...".
std::string to_string(const Mapping& mapping);

}  // namespace hockney::inline workload
