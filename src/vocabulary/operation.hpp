#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/names.hpp"

namespace hockney::inline vocabulary {

/// What is timed. All byte accounting of the project stands in this file.
enum class Operation {
  all_reduce,
  all_gather,
  reduce_scatter,
  all_to_all,
  ping_pong,                  ///< one message there and back; the time is half the round trip
  one_way_stream,             ///< back-to-back messages one way, timed at the receiver; the time is per message
  pipeline_forward,           ///< micro-batches through a chain of stages; the time is per step of the chain
  pipeline_forward_backward,  ///< the same, with the gradients coming back in 1F1B order
  broadcast,                  ///< rank 0's payload to every rank
  reduce,                     ///< the reduction of all ranks' payloads on rank 0
  gather,                     ///< one block of every rank on rank 0
  scatter,                    ///< one block of rank 0's payload to every rank
  all_to_all_v,               ///< all_to_all with uneven blocks, as the routing of experts makes them
  matmul,                     ///< one matrix product on each rank (Case::matmul); nothing is communicated
  step_replay,                ///< all that one training step communicates, in its order (Case::step)
};

struct OperationNames {
  static constexpr std::string_view what = "operation";
  static constexpr std::array<NamedValue<Operation>, 15> table{{
      {Operation::all_reduce, "all_reduce"},
      {Operation::all_gather, "all_gather"},
      {Operation::reduce_scatter, "reduce_scatter"},
      {Operation::all_to_all, "all_to_all"},
      {Operation::ping_pong, "ping_pong"},
      {Operation::one_way_stream, "one_way_stream"},
      {Operation::pipeline_forward, "pipeline_forward"},
      {Operation::pipeline_forward_backward, "pipeline_forward_backward"},
      {Operation::broadcast, "broadcast"},
      {Operation::reduce, "reduce"},
      {Operation::gather, "gather"},
      {Operation::scatter, "scatter"},
      {Operation::all_to_all_v, "all_to_all_v"},
      {Operation::matmul, "matmul"},
      {Operation::step_replay, "step_replay"},
  }};
};
OperationNames names_of(Operation);

constexpr bool is_pipeline(Operation operation) {
  return operation == Operation::pipeline_forward || operation == Operation::pipeline_forward_backward;
}

/// Whether the operation combines elements of different ranks, so that a Reduction belongs to it.
constexpr bool is_reduction(Operation operation) {
  return operation == Operation::all_reduce || operation == Operation::reduce_scatter || operation == Operation::reduce;
}

/// Whether rank 0 alone puts something in.
constexpr bool only_root_sends(Operation operation) {
  return operation == Operation::broadcast || operation == Operation::scatter;
}

/// Whether rank 0 alone gets something out.
constexpr bool only_root_receives(Operation operation) {
  return operation == Operation::reduce || operation == Operation::gather;
}

/// Whether the operation moves messages between neighbours rather than among all ranks.
constexpr bool is_point_to_point(Operation operation) {
  return operation == Operation::ping_pong || operation == Operation::one_way_stream || is_pipeline(operation);
}

/// Whether the operation is one act of communication among all ranks of the group.
constexpr bool is_collective(Operation operation) {
  return !is_point_to_point(operation) && operation != Operation::matmul && operation != Operation::step_replay;
}

/// Whether the points of the operation are told apart by their payload, so that they lie on a curve t(payload). A
/// matrix product is told by its shape, a step by its model and mapping.
constexpr bool is_on_curve(Operation operation) { return is_collective(operation) || is_point_to_point(operation); }

/// The experiment (one file of hockney-bench) that times the operation.
constexpr std::string_view experiment_of(Operation operation) {
  if (operation == Operation::one_way_stream) {
    return name_of(Operation::ping_pong);
  }
  return is_pipeline(operation) ? std::string_view{"pipeline_send"} : name_of(operation);
}

/// Whether every rank depends on every other, so that min over ranks <= T <= max over ranks holds for the
/// operation's completion time T without synchronised clocks (Hunold & Carpen-Amarie 2016: docs/measuring.md).
/// Rooted operations are not: a rank that only sends or only receives need not wait for all. Nor is all_to_all_v,
/// whose blocks may be empty.
constexpr bool is_synchronising(Operation operation) {
  return operation == Operation::all_reduce || operation == Operation::all_gather ||
         operation == Operation::reduce_scatter || operation == Operation::all_to_all;
}

/// Payload is the larger of one rank's send and receive buffer: the size column of nccl-tests. For point-to-point
/// operations it is one message; for all_to_all_v it is what one rank sends in all (its tokens; what it receives
/// depends on the routing); of a matrix product its three matrices; of a step the activation of one micro-batch.
/// send_bytes: what one rank puts in, own part included. Rooted operations have rank 0 as
/// root.
constexpr Bytes send_bytes(Operation operation, Bytes payload, std::uint32_t ranks) {
  return operation == Operation::all_gather || operation == Operation::gather ? payload / ranks : payload;
}

/// What one rank gets out, own part included; of all_to_all_v with even routing.
constexpr Bytes receive_bytes(Operation operation, Bytes payload, std::uint32_t ranks) {
  return operation == Operation::reduce_scatter || operation == Operation::scatter ? payload / ranks : payload;
}

/// busbw / algbw of nccl-tests (doc/PERFORMANCE.md): 2(n-1)/n for all-reduce; (n-1)/n for all-gather, reduce-scatter,
/// all-to-all, gather and scatter; 1 for broadcast, reduce and point-to-point. Of all_to_all_v with even routing; see
/// wire_factor(const Case&).
constexpr double wire_factor(Operation operation, std::uint32_t ranks) {
  const double n = ranks;
  switch (operation) {
    case Operation::all_reduce:
      return 2 * (n - 1) / n;
    case Operation::all_gather:
    case Operation::reduce_scatter:
    case Operation::all_to_all:
    case Operation::all_to_all_v:
    case Operation::gather:
    case Operation::scatter:
      return (n - 1) / n;
    default:
      return 1;
  }
}

/// Whether some buffer is cut into one equal block per rank; the payload must then be a multiple of that many elements.
constexpr std::uint32_t elements_granularity(Operation operation, std::uint32_t ranks) {
  switch (operation) {
    case Operation::all_gather:
    case Operation::reduce_scatter:
    case Operation::all_to_all:
    case Operation::gather:
    case Operation::scatter:
      return ranks;
    default:
      return 1;
  }
}

/// Whether the operation exists in place: the smaller buffer is a part of the larger, or both are one.
constexpr bool has_in_place(Operation operation) {
  return is_collective(operation) && operation != Operation::all_to_all_v;
}

/// Whether running the operation in place twice on the same buffer gives another result than running it once.
constexpr bool accumulates_in_place(Operation operation) {
  return is_reduction(operation) || operation == Operation::all_to_all;
}

/// Steps that a chain of `stages` needs for `micro_batches` when each transfer takes one step and nothing else takes
/// time: M + S - 2 per direction. A pipeline sample is divided by it, so that it is comparable with one message.
constexpr std::uint32_t pipeline_steps(Operation operation, std::uint32_t stages, std::uint32_t micro_batches) {
  const std::uint32_t one_direction = micro_batches + stages - 2;
  return operation == Operation::pipeline_forward_backward ? 2 * one_direction : one_direction;
}

}  // namespace hockney::inline vocabulary
