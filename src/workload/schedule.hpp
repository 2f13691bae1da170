#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "workload/mapping.hpp"
#include "workload/messages.hpp"
#include "workload/transformer.hpp"

namespace hockney::inline workload {

/// Where one rank stands in a mapping. Ranks are numbered as Megatron-LM does, tensor fastest, then data, then
/// pipeline: rank = (stage d + replica) t + shard.
struct StepRank {
  std::uint64_t shard = 0;    ///< of the tensor-parallel group, 0 to t - 1
  std::uint64_t replica = 0;  ///< of the data-parallel group, 0 to d - 1
  std::uint64_t stage = 0;    ///< of the pipeline, 0 to p - 1

  friend bool operator==(const StepRank&, const StepRank&) = default;
};

/// The place of a rank from 0 to t p d - 1.
StepRank place_of(const Mapping& mapping, std::uint64_t rank);

/// The groups that a rank communicates in.
enum class StepGroup {
  tensor,     ///< t ranks, in order of shard
  pipeline,   ///< p ranks, in order of stage
  data,       ///< d ranks, in order of replica
  embedding,  ///< the first and the last stage, p > 1 only
};

/// The number of the rank's group among those of its kind; ranks with the same number are in one group, and every rank
/// has one. Embedding: the stages between the ends form a group of their own, which nobody uses.
std::uint64_t group_number(const Mapping& mapping, const StepRank& place, StepGroup group);

/// What a rank does next. Messages go along the pipeline: forward is an activation to the next stage, backward a
/// gradient to the one before.
enum class Move {
  compute,
  all_reduce,
  all_gather,
  send_forward,
  receive_forward,
  send_backward,
  receive_backward,
  send_forward_receive_backward,  ///< both at once, with the next stage
  send_backward_receive_forward,  ///< both at once, with the stage before
};

/// Messages of a move: 2 of an exchange, 1 of a send or a receive, else 0.
std::uint32_t messages_of(Move move);

/// What the bytes of an action are, which tells the width of an element.
enum class StepData {
  activation,     ///< or its gradient: Mapping::bytes_per_element
  cross_entropy,  ///< float32
  gradient,       ///< of weights: Mapping::gradient_bytes
};

struct Action {
  Move move = Move::compute;
  Cause cause = Cause::tensor;  ///< never bubble: what one rank waits for is another rank's work
  StepGroup group = StepGroup::tensor;
  StepData data = StepData::activation;
  Bytes payload;             ///< collectives: as in Operation; messages: one message; compute: 0 B
  double forward_units = 0;  ///< compute: time over that of one layer's forward pass
};

/// What one rank does in one step, in order: Megatron-LM's 1F1B schedule (core/pipeline_parallel/schedules.py, without
/// interleaving), with the collectives of step_messages() where they fall:
///   forward   [first stage: all-reduce of the embedding] per layer: compute, 2 all-reduces [last stage: 3 all-reduces
///             of the cross entropy]
///   backward  [last stage: all-reduce of the logits' gradient] per layer: compute (twice the forward time), 2
///             all-reduces; with full recompute the layer's forward pass again before
///   at last   all-reduce of the stage's gradients, then that of the tied embedding's between first and last stage.
/// Stage i of p first passes min(p - 1 - i, m) micro-batches on, then alternates one forward and one backward, sending
/// one way and receiving the other at the same time, and last drains. Of two stages the last one sends its gradient
/// before it receives the next activation, so that the two messages, which share a link, follow each other:
/// step_messages() counts both, and the pipeline_send experiment does so, too.
///
/// Throws InputError as check() does, and for virtual stages.
std::vector<Action> schedule_of(const Transformer& model, const Mapping& mapping, const StepRank& place);

/// Parameters whose gradients one rank of a stage reduces over the replicas: its layers, and the embedding (each of
/// both where untied and p = 1) on the end stages; without the matrices of routed experts, which other ranks share.
/// That of stage 0 is first_stage_parameters().
std::uint64_t stage_parameters(const Transformer& model, const Mapping& mapping, std::uint64_t stage);

/// Compute on the critical path of a step, in forward passes of one layer: (m + p - 1) L/p times 3, or 4 with full
/// recompute.
double critical_forward_units(const Transformer& model, const Mapping& mapping);

}  // namespace hockney::inline workload
