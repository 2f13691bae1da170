#pragma once

#include <array>
#include <cstdint>

#include "names/names.hpp"
#include "units/bytes.hpp"

namespace hockney {

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
};

template <>
struct Names<Operation> {
  static constexpr std::string_view what = "operation";
  static constexpr std::array<NamedValue<Operation>, 8> table{{
      {Operation::all_reduce, "all_reduce"},
      {Operation::all_gather, "all_gather"},
      {Operation::reduce_scatter, "reduce_scatter"},
      {Operation::all_to_all, "all_to_all"},
      {Operation::ping_pong, "ping_pong"},
      {Operation::one_way_stream, "one_way_stream"},
      {Operation::pipeline_forward, "pipeline_forward"},
      {Operation::pipeline_forward_backward, "pipeline_forward_backward"},
  }};
};

constexpr bool is_pipeline(Operation operation) {
  return operation == Operation::pipeline_forward || operation == Operation::pipeline_forward_backward;
}

/// Whether the operation moves messages between neighbours rather than among all ranks.
constexpr bool is_point_to_point(Operation operation) {
  return operation == Operation::ping_pong || operation == Operation::one_way_stream || is_pipeline(operation);
}

/// The experiment (one file of hockney-bench) that times the operation.
constexpr std::string_view experiment_of(Operation operation) {
  if (operation == Operation::one_way_stream) {
    return name_of(Operation::ping_pong);
  }
  return is_pipeline(operation) ? std::string_view{"pipeline_send"} : name_of(operation);
}

/// Whether every rank depends on every other, so that min over ranks <= T <= max over ranks holds for the
/// operation's completion time T without synchronised clocks (Hunold & Carpen-Amarie; methodology of ReproMPI).
constexpr bool is_synchronising(Operation operation) { return !is_point_to_point(operation); }

/// Payload is the larger of one rank's send and receive buffer: the size column of nccl-tests. For point-to-point
/// operations it is one message. send_bytes: what one rank puts in, own part included.
constexpr Bytes send_bytes(Operation operation, Bytes payload, std::uint32_t ranks) {
  return operation == Operation::all_gather ? payload / ranks : payload;
}

/// What one rank gets out, own part included.
constexpr Bytes receive_bytes(Operation operation, Bytes payload, std::uint32_t ranks) {
  return operation == Operation::reduce_scatter ? payload / ranks : payload;
}

/// busbw / algbw of nccl-tests (doc/PERFORMANCE.md): 2(n-1)/n for all-reduce, (n-1)/n for all-gather, reduce-scatter
/// and all-to-all, 1 for point-to-point.
constexpr double wire_factor(Operation operation, std::uint32_t ranks) {
  const double n = ranks;
  switch (operation) {
    case Operation::all_reduce:
      return 2 * (n - 1) / n;
    case Operation::all_gather:
    case Operation::reduce_scatter:
    case Operation::all_to_all:
      return (n - 1) / n;
    default:
      return 1;
  }
}

/// The payload must be a multiple of this many elements, since some buffer is cut into one block per rank.
constexpr std::uint32_t elements_granularity(Operation operation, std::uint32_t ranks) {
  return operation == Operation::all_gather || operation == Operation::reduce_scatter ||
                 operation == Operation::all_to_all
             ? ranks
             : 1;
}

/// Steps that a chain of `stages` needs for `micro_batches` when each transfer takes one step and nothing else takes
/// time: M + S - 2 per direction. A pipeline sample is divided by it, so that it is comparable with one message.
constexpr std::uint32_t pipeline_steps(Operation operation, std::uint32_t stages, std::uint32_t micro_batches) {
  const std::uint32_t one_direction = micro_batches + stages - 2;
  return operation == Operation::pipeline_forward_backward ? 2 * one_direction : one_direction;
}

}  // namespace hockney
