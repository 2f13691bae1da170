#pragma once

#include <array>

#include "predict/compute/gemm.hpp"
#include "predict/compute/precision.hpp"
#include "workload/mapping.hpp"
#include "workload/transformer.hpp"

namespace hockney::predict {

inline constexpr double mask_bytes = 1;                     ///< per element of a dropout mask
inline constexpr double flash_backward_over_forward = 2.5;  ///< FLOPs of fused attention

/// How the kernels of a layer are made, beside the mapping.
struct LayerKernels {
  Precision precision = Precision::bf16;  ///< of the linear layers' operands
  bool fused = false;                     ///< residual sums, biases and dropout have no kernels of their own
  bool unfused_norms = false;             ///< as RunWay
  bool recompute_stops_early = false;     ///< as RunWay
  double expert_share = 1;                ///< as StepConstants
  double selective_products = 0;          ///< as RunWay
};

/// Computation of one layer for one micro-batch on one GPU, s. Sources of the kernel list: Megatron-LM
/// core/transformer (2021 to 2022 for the unfused attention), arXiv 2205.05198 Figures 4 to 6.
struct LayerCompute {
  double forward = 0;
  double backward = 0;           ///< without recomputation, gradient accumulation included
  double recomputed = 0;         ///< forward work done again under the mapping's recompute, mean over layers
  double attention_forward = 0;  ///< of `forward`, the attention core
  double attention_backward = 0;
  std::array<double, 2> weight_gradient{};  ///< GEMMs of the column-parallel matrices (QKV, first of the MLP)
  std::array<double, 2> input_gradient{};

  double all() const { return forward + backward + recomputed; }
};

/// Forward: 2 norms, QKV, attention core, projection, 2 bias-dropout-adds, MLP with its activation. N = b s/c tokens,
/// M = N h elements, S = b a/t (s/c) s scores; under sequence parallelism norms and bias-dropout-adds have M/t, else
/// every tensor rank does all of them (2205.05198 section 4.2.2). Traffic in bytes, e per element, 1 per dropout mask:
///   norm               2 e M forward (read, write), 5 e M backward (read dy, x twice; write dx)
///   norm, unfused      18 e M forward, 36 e M backward: PyTorch's lines of LLaMA's RMSNorm, computed in fp32 (to fp32,
///                      square, mean, times its root, back, times weight) and their gradients
///   bias-dropout-add   (3 e + 1) M forward, (2 e + 1 + e + 3 e) M backward (dropout, bias sum, sum of both branches)
///   activation         2 e forward, 4 e backward per element of the MLP's inner width (6 e and 8 e when gated: two
///                      inputs)
///   scores             without flash attention: softmax 2 e S, dropout (2 e + 1) S; backward (2 e + 1) S and 3 e S
///   transposes         2 e M/t forward, 4 e M/t backward
///   gradients          the weight gradient GEMM adds to the gradient in memory: 2 gradient_bytes per weight
/// Backward GEMMs are one input and one weight gradient per forward one. Selective recompute repeats the attention
/// core, or with selective_products that share of the products and all that is neither product nor attention; flash
/// attention recomputes by itself (5/2 of the forward FLOPs, Dao 2023, arXiv 2307.08691 section 4.1). Full recompute
/// repeats the forward pass; where it stops early, all but the MLP's second product, as nobody needs its result
/// (torch.utils.checkpoint, early_stop).
///
/// Linear layers take `linear`, whose operands may be narrower than an element: then every input and every gradient is
/// converted by a pass of its own (quantise_bytes()), and so are the weights, once per step: a micro-batch has its
/// share of that. Fused kernels sum a residual in the pass of the norm that follows: (e + e) M more forward and
/// backward instead of the bias-dropout-adds.
///
/// Experts: the products of a GPU's experts are one grouped kernel, of max(1, tokens/experts) tokens each, at
/// expert_share of a GEMM's rate. Router: a product of h x experts; the tokens are put in order before the experts and
/// back after them, forward and backward (4 e per element of what the GPU's experts get). Shared experts are an MLP
/// beside them. Where only some layers have experts, a layer is the mean of all. Sliding windows shorten fused
/// attention by Transformer::attended_share(); latent attention does the products of its ranks.
LayerCompute layer_compute(const KernelClock& clock, const KernelClock& linear, const Transformer& model,
                           const Mapping& mapping, const LayerKernels& kernels);

/// The same of a layer whose products are all of the elements' width.
LayerCompute layer_compute(const KernelClock& clock, const Transformer& model, const Mapping& mapping);

/// Computation beside the layers, s per micro-batch.
struct EndCompute {
  double logits_forward = 0;  ///< last norm, GEMM, cross entropy
  double logits_backward = 0;
  double logits_weight_gradient = 0;  ///< of logits_backward, the GEMM
  double logits_input_gradient = 0;
  double embedding = 0;  ///< look-up, dropout, and their backward pass

  double logits() const { return logits_forward + logits_backward; }
};

/// Logits over V/t of the vocabulary per rank, with cross entropy in fp32 (Megatron-LM core/tensor_parallel/
/// cross_entropy.py: `cross_entropy_bytes` per logit); of `whole_logits` every rank takes the loss of all V.
EndCompute end_compute(const KernelClock& clock, const StepConstants& constants, const Transformer& model,
                       const Mapping& mapping, bool whole_logits = false);

/// Seconds of the optimizer step over the parameters that one GPU holds. Under the distributed optimizer each is shared
/// by its replicas: c d of them, of experts' parameters Mapping::expert_replicas(). The step does unscaling, norm,
/// clipping and Adam of mixed precision, `optimizer_bytes` per parameter.
double optimizer_step(const KernelClock& clock, const StepConstants& constants, const Mapping& mapping,
                      double parameters, double expert_parameters);

}  // namespace hockney::predict
