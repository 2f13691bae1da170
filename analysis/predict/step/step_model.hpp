#pragma once

#include <array>
#include <vector>

#include "predict/compute/constants.hpp"
#include "predict/compute/gpu.hpp"
#include "predict/network/step_network.hpp"
#include "predict/step/run_way.hpp"
#include "predict/step/step_line.hpp"
#include "workload/mapping.hpp"
#include "workload/messages.hpp"
#include "workload/transformer.hpp"

namespace hockney::predict {

struct LayerCompute;

inline constexpr std::size_t cause_count = Names<Cause>::table.size();

/// Seconds of one training step.
struct StepTime {
  double total_s = 0;
  double compute_s = 0;    ///< of the slowest stage, recomputation included
  double recompute_s = 0;  ///< of compute_s
  double optimizer_s = 0;
  double bubble_compute_s = 0;                  ///< computation of the other stages while this one waits
  std::array<double, cause_count> exposed_s{};  ///< communication that the step waits for; Cause::bubble: in the bubble
  std::array<double, cause_count> hidden_s{};   ///< communication that runs beside computation
  CriticalStage critical = CriticalStage::last;

  double exposed(Cause cause) const { return exposed_s[static_cast<std::size_t>(cause)]; }
  double hidden(Cause cause) const { return hidden_s[static_cast<std::size_t>(cause)]; }
  double bubble_s() const { return bubble_compute_s + exposed(Cause::bubble); }
  double communication_s() const;  ///< all exposed communication, that in the bubble included
};

/// A message of a step and what it costs.
struct MessageCost {
  Message message;
  Wait once;  ///< of one of its `count` operations
};

/// The step model: computation of LayerCompute, messages of list_messages(), times of a StepNetwork.
///
///   step = m (work of the slowest stage) + r (work of one micro-batch in all other stages) / v + data + optimizer
///
/// with r = RunWay::pipeline_runs, at most m. A message beside a GEMM of time g costs max(0, t - g / (1 - c)) + c
/// min(t, g / (1 - c)): the collective occupies the share c = collective_channels / multiprocessors of the GPU, so that
/// the GEMM runs slower while both do. GEMM speed differs from GPU to GPU, and a synchronous step goes at the pace of
/// the slowest of its n: computation takes 1 + gpu_spread E(largest of n normal deviates) of its time. A stage between
/// two others waits for the transfers of both directions where the last one computes logits: with p > 2 the step waits
/// for what the logits are too short to cover. Gradients beside the last backward pass leave at least the last
/// gradient_bucket() exposed.
///
/// Where parameters are sharded (RunWay::sharding from gradients on), the units are layers, of which the experts are
/// shared by the ranks of expert_data_group() and the rest by those of data_group(): full gathers a layer before each
/// pass through it and reduce-scatters its gradients after the backward one, per micro-batch; gradients gathers once
/// per step; with stages both do, and scatter once, after the last micro-batch (torchtitan's reshard_after_forward);
/// hybrid does as full does among the ranks of a group that share a node, and all-reduces the gradients of each over
/// the nodes. The next unit is gathered while one computes: of each pass what is longer than its computation is
/// exposed, and the first unit always.
///
/// Where logits are gathered before the loss (MemoryProgram::whole_logits), an all-gather of them over the tensor ranks
/// is exposed per micro-batch, in their elements' width.
///
/// Experts (RunWay): how many tokens each gets is known to the host only after the router, so that no graph can hold
/// their kernels. Where the host takes longer to start a layer's kernels than they and their exposed communication
/// take, the GPU waits; that counts as communication of experts. With tokens_once an all-to-all carries a copy of a
/// token to each node that has one of its experts, or inside a node to each GPU (DeepSeek-AI, DeepEP), routing taken as
/// even.
class StepModel {
 public:
  /// `efficiency`: of the matrix units, as Gpu::efficiency; `footing`: whose it is.
  StepModel(Gpu gpu, const StepConstants& constants, double efficiency, RunWay way = {},
            Footing footing = Footing::tuned);

  /// Predicts one step, without allocation once `network` knows the groups. The mapping is taken as checked.
  /// Throws InputError as StepNetwork::time().
  StepTime predict(const Transformer& model, const Mapping& mapping, StepNetwork& network) const;

  /// The messages behind predict()'s seconds, in order of cause.
  std::vector<MessageCost> messages(const Transformer& model, const Mapping& mapping, StepNetwork& network) const;

  /// Computation of a layer, at the pace of the slowest GPU.
  LayerCompute layer(const Transformer& model, const Mapping& mapping, StepNetwork& network) const;

  const Gpu& gpu() const { return gpu_; }
  const StepConstants& constants() const { return constants_; }
  double efficiency() const { return efficiency_; }
  const RunWay& way() const { return way_; }

  /// The same with another efficiency.
  StepModel with_efficiency(double efficiency) const { return {gpu_, constants_, efficiency, way_, footing_}; }

  /// Standard deviation of log(predicted / measured) that steps of this model have in common, whatever their mapping.
  double common_error(const Transformer& model) const;

 private:
  Gpu gpu_;
  StepConstants constants_;
  double efficiency_;
  RunWay way_;
  Footing footing_;
};

/// The communication of a step alone: the same messages, each exposed with all its time; no computation, no optimizer.
/// The mapping is taken as checked. Throws InputError as StepNetwork::time().
StepTime communication_of(const Transformer& model, const Mapping& mapping, CriticalStage critical,
                          StepNetwork& network);

/// Parameters of a gradient_bucket() (Megatron-LM's default).
inline constexpr double least_bucket_parameters = 40e6;
inline constexpr double bucket_parameters_per_replica = 1e6;

/// Gradients that are reduced together beside the last backward pass: of the larger of least_bucket_parameters and
/// bucket_parameters_per_replica c d.
Bytes gradient_bucket(const Mapping& mapping);

/// E(largest of n independent standard normal deviates), n >= 1: 0, 0.56, 0.85, ... by Blom's approximation
/// Phi^-1((n - 0.375) / (n + 0.25)) (Blom 1958; within 5 %).
double expected_largest(std::uint64_t n);

}  // namespace hockney::predict
