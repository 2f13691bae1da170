#pragma once

#include "plan/plan.hpp"

namespace hockney::inline plan {

/// Whether a group of this kind has two ranks, neither more nor less.
constexpr bool is_pair(GroupKind kind) {
  return kind == GroupKind::pair || kind == GroupKind::node_pair || kind == GroupKind::cross_rail;
}

/// Which kinds of group an operation can run on: collectives on world, node and rail, messages on world, pair,
/// node_pair and cross_rail, pipelines on world, chain and node_chain. Matrix products and steps take no kind of group:
/// see their sections (MatmulSection, StepSection).
constexpr bool goes_with(GroupKind kind, Operation operation) {
  if (kind == GroupKind::world) {
    return true;
  }
  if (is_pipeline(operation)) {
    return kind == GroupKind::chain || kind == GroupKind::node_chain;
  }
  return is_point_to_point(operation) ? is_pair(kind) : kind == GroupKind::node || kind == GroupKind::rail;
}

/// Whether NCCL has a call of its own, from 2.28 on, for what is otherwise made of a group of sends and receives:
/// ncclAlltoAll, ncclGather, ncclScatter.
constexpr bool has_native(Operation operation) {
  return operation == Operation::all_to_all || operation == Operation::gather || operation == Operation::scatter;
}

/// Whether the mode makes several operations follow one another without a pause.
constexpr bool is_back_to_back(Mode mode) { return mode == Mode::stream || mode == Mode::graph; }

/// Whether an operation that follows a stream of messages by itself is asked for as one.
constexpr bool goes_with(Mode mode, Operation operation) {
  const bool streams = operation == Operation::one_way_stream || is_pipeline(operation);
  return !streams || is_back_to_back(mode);
}

}  // namespace hockney::inline plan
