#pragma once

#include <fmt/format.h>

#include "base/error.hpp"
#include "exports/cluster.hpp"

namespace hockney::exports {

/// A ring's law on paper, for tests: steps x latency + bytes on the wire / rate.
struct RingLaw {
  double inside_latency_s = 2e-6;
  double inside_bytes_per_s = 200e9;
  double across_latency_s = 5e-6;
  double across_bytes_per_s = 25e9;
  bool has_two_segments = true;  ///< up to 512 KiB at half the rate; from 1 MiB on twice the latency
};

inline double steps_of(Operation operation, std::uint32_t ranks) {
  if (is_point_to_point(operation)) {
    return 1;
  }
  return operation == Operation::all_reduce ? 2.0 * (ranks - 1) : ranks - 1.0;
}

inline cost::AlphaBeta segment_of(Bytes from, Bytes to, double alpha, double beta) {
  cost::AlphaBeta segment;
  segment.from = from;
  segment.to = to;
  segment.alpha_s = alpha;
  segment.beta_s_per_byte = beta;
  return segment;
}

/// The curve of an operation and a group by the law.
inline cost::CostCurve curve_of(const RingLaw& law, Operation operation, const Group& group) {
  const bool inside = group.nodes() == 1;
  const double alpha = steps_of(operation, group.ranks) * (inside ? law.inside_latency_s : law.across_latency_s);
  const double beta = wire_factor(operation, group.ranks) / (inside ? law.inside_bytes_per_s : law.across_bytes_per_s);
  cost::CostCurve curve;
  curve.shape.become(operation);
  curve.shape.group = group;
  if (law.has_two_segments) {
    curve.segments = {segment_of(Bytes{8}, kibibytes(512), alpha, 2 * beta),
                      segment_of(mebibytes(1), gibibytes(16), 2 * alpha, beta)};
  } else {
    curve.segments = {segment_of(Bytes{8}, gibibytes(16), alpha, beta)};
  }
  return curve;
}

/// A cluster that answers by such curves. `model` stays null.
inline Cluster cluster_on_paper(std::uint32_t nodes, std::uint32_t gpus_per_node, const RingLaw& law = {}) {
  Cluster cluster;
  cluster.name = "paper";
  cluster.nodes = nodes;
  cluster.gpus_per_node = gpus_per_node;
  cluster.nics_per_node = gpus_per_node;
  cluster.reference = mebibytes(64);
  cluster.gpu = {"paper-gpu", 300e12, 600e12, 0.9, 2e12, gibibytes(80), 0.2};
  cluster.ask = [law](Operation operation, const Group& group, Bytes payload) {
    return curve_of(law, operation, group).time_at(payload);
  };
  return cluster;
}

/// The same where no all_to_all can be answered.
inline Cluster without_all_to_all(Cluster cluster) {
  cluster.ask = [ask = cluster.ask](Operation operation, const Group& group, Bytes payload) {
    if (operation == Operation::all_to_all) {
      throw InputError(fmt::format("{}: no curve", name_of(operation)));
    }
    return ask(operation, group, payload);
  };
  return cluster;
}

}  // namespace hockney::exports
