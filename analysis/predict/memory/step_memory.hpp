#pragma once

#include "base/bytes.hpp"
#include "predict/memory/memory_constants.hpp"
#include "predict/memory/memory_program.hpp"
#include "workload/mapping.hpp"
#include "workload/transformer.hpp"

namespace hockney::predict {

/// Per weight: as the passes read it, as the optimizer keeps it, and Adam's two moments.
inline constexpr double weight_bytes = 2;
inline constexpr double master_bytes = 4;
inline constexpr double moment_bytes = 8;

/// Units whose weights are whole under Sharding::full.
inline constexpr double gathered_units = 2;

/// Bytes that training needs on the fullest GPU: of the first stage, of the first without dense layers, or of the last.
struct StepMemory {
  double weights = 0;  ///< that the passes read, those of gathered units under Sharding::full
  double gradients = 0;
  double optimizer = 0;      ///< fp32 weights and Adam's two moments; fp32 gradients where all others are 2-byte
  double activations = 0;    ///< kept for the backward pass, and what one layer is recomputed into
  double logits = 0;         ///< of the last stage, with their loss and gradients
  double runtime = 0;        ///< CUDA context, libraries, buffers of NCCL's communicators
  double fragmentation = 0;  ///< lost between blocks of the allocator

  double state() const { return weights + gradients + optimizer; }
  double all() const { return state() + activations + logits + runtime + fragmentation; }
};

/// What the passes and the optimizer keep per weight, N replicas, g bytes per gradient (Megatron-LM docs,
/// dist_optimizer; Rajbhandari et al. 2020, arXiv 1910.02054, section 5): weights 2, gradients g, optimizer 12, 16
/// where g is 2. Sharding::optimizer divides the optimizer by N, gradients also the gradients, full also the
/// weights; then one unit's gradients (2 bytes, and the copy of g that is reduced) and two units' weights (one
/// computes, the next is gathered) are whole, a unit being a layer or an embedding, and gradients are summed into fp32
/// shards. With stages, full and hybrid keep whole weights until the last micro-batch, as gradients does
/// (torchtitan's reshard_after_forward: not under pipeline parallelism). N is c d, of experts
/// Mapping::expert_replicas(); MemoryProgram::sharing_gpus where fewer share one copy.
///
/// Activations per layer and micro-batch (Korthikanti et al., arXiv 2205.05198, Table 2; s is s/c, f the MLP's inner
/// width, q k v o the widths of queries, keys, values and attention's output), in bytes over s b h:
///   norms, biases     10, over t under sequence parallelism; 8 with a gated MLP, whose models have no dropout masks
///   attention         2 (q + k + v + o)/(h t), and 4 of the latent vectors where there are such
///   MLP               (4 f/h)/t; 6 f/h when gated; of experts times those per token, plus 4 for their tokens; shared
///                     experts as an MLP
///   scores            5 a s/(h t) without flash attention; recomputed under selective
///   full recompute    2 (over t under sequence parallelism), plus one layer in full while it is recomputed; only of
///                     the layers that do it (Mapping::recompute_layers)
///   selective_products (PyTorch's per-operation recomputation)
///                     the layer's input and attention's output, 2 each, and 2 per output of the products that are not
///                     done again; plus one layer while it is recomputed
/// and what MemoryConstants adds where a kernel is not fused; times the layers times the micro-batches in flight: on
/// stage i min(m, p - i), under interleaving (2 (p - i - 1) + (v - 1) p + 1)/v (section 4.2.3). Embedding dropouts keep
/// s b h/t of each. Logits as MemoryConstants. The loss and a layer that is recomputed do not share blocks of the
/// caching allocator: both count.
///
/// The mapping is taken as checked.
StepMemory step_memory(const Transformer& model, const Mapping& mapping, const MemoryProgram& program = {},
                       const MemoryConstants& constants = {});

/// Whether a step fits on a GPU.
enum class Fit {
  fits,
  tight,  ///< with a margin smaller than MemoryConstants::tight_share of what can be used
  does_not_fit,
};

struct FitNames {
  static constexpr std::string_view what = "memory verdict";
  static constexpr std::array<NamedValue<Fit>, 3> table{
      {{Fit::fits, "fits"}, {Fit::tight, "tight"}, {Fit::does_not_fit, "does not fit"}}};
};
FitNames names_of(Fit);

/// A step's memory beside what a GPU has, B.
struct MemoryVerdict {
  Fit fit = Fit::fits;
  double needed = 0;
  double usable = 0;

  double margin() const { return usable - needed; }  ///< below 0 where it does not fit
};

MemoryVerdict verdict(const StepMemory& memory, Bytes capacity, const MemoryConstants& constants = {});

/// The seconds by which a planner ranks a step of `step_s`: where the margin is below close_share, 1 + `doubt` times as
/// many, so that of two mappings that differ by less the one with more room is chosen. Near the limit PyTorch's
/// allocator gives blocks back and asks for others, and the GPU waits; no model of time has that.
double ranked_s(double step_s, const MemoryVerdict& memory, double doubt, const MemoryConstants& constants = {});

}  // namespace hockney::predict
