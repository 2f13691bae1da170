#pragma once

#include "base/bytes.hpp"
#include "base/rates.hpp"
#include "base/seconds.hpp"
#include "cost/cost_model.hpp"
#include "vocabulary/operation.hpp"
#include "workload/group_placement.hpp"

namespace hockney::predict {

/// What somebody states of the network between nodes: one GPU's own line, in one direction. Nothing was measured.
struct LineRate {
  BytesPerSecond bandwidth;
  Seconds latency{0};

  /// Time of one operation of a group that crosses nodes:
  ///   point to point:  latency + m / bandwidth
  ///   all_to_all:      (N - 1) latency + (n - g)/n m / bandwidth: what leaves a rank's node, through its own line
  ///   collectives:     c (N - 1) latency + wire_factor(n) m / (g bandwidth), a ring over N nodes whose g GPUs per node
  ///                    (n / N, rounded down) each bring their line; c = 2 for all-reduce, else 1. Hops inside a node
  ///                    are taken as free.
  /// Throws Failure for a group that lies in one node.
  Seconds time(Operation operation, const PlacedGroup& placed, Bytes payload) const;

  /// time() with the interval closed to the value, basis line_rate and the remark "estimated from line rate, not
  /// measured". Throws as time().
  cost::Estimate at(Operation operation, const PlacedGroup& placed, Bytes payload) const;
};

}  // namespace hockney::predict
