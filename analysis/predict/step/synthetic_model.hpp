#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include "cost/cost_model.hpp"
#include "workload/synthetic_transformer.hpp"

/// Cost models with known numbers, for the tests of this folder.
namespace hockney::predict::synthetic {

/// One segment from 1 KiB to 16 GiB, without spread.
inline cost::CostCurve line(Operation operation, Fabric fabric, std::uint32_t ranks, std::uint32_t ranks_per_node,
                            double alpha_s, double beta_s_per_byte, Mode mode = Mode::isolated) {
  cost::CostCurve curve;
  curve.shape.become(operation);
  curve.shape.transport = TransportKind::nccl;
  curve.shape.fabric = fabric;
  curve.shape.group.ranks = ranks;
  curve.shape.group.ranks_per_node = ranks_per_node;
  curve.shape.mode = mode;
  curve.machine = "synthetic";
  cost::AlphaBeta segment;
  segment.from = kibibytes(1);
  segment.to = gibibytes(16);
  segment.alpha_s = alpha_s;
  segment.beta_s_per_byte = beta_s_per_byte;
  segment.alpha_interval_s = {alpha_s, alpha_s};
  segment.beta_interval_s_per_byte = {beta_s_per_byte, beta_s_per_byte};
  curve.segments = {segment};
  return curve;
}

/// Gives the curve launches whose alpha and beta are those of the fit times each factor.
inline cost::CostCurve with_launches(cost::CostCurve curve, std::initializer_list<double> factors) {
  curve.basis = cost::IntervalBasis::launches;
  curve.launches = static_cast<std::uint32_t>(factors.size());
  for (cost::AlphaBeta& segment : curve.segments) {
    for (const double factor : factors) {
      segment.launches.push_back({segment.alpha_s * factor, segment.beta_s_per_byte * factor});
    }
  }
  return curve;
}

inline cost::CostModel model_of(std::initializer_list<cost::CostCurve> curves) {
  cost::CostModel model;
  model.name = "synthetic";
  model.created_by = "tests";
  model.sources = {"known numbers"};
  model.curves = curves;
  return model;
}

/// All-reduce of 8 ranks inside a node (10 us, 1/200 ns per byte) and transfers between nodes (5 us, 1/25 ns per byte).
inline cost::CostModel cluster() {
  return model_of({line(Operation::all_reduce, Fabric::nvswitch, 8, 8, 10e-6, 1 / 200e9),
                   line(Operation::one_way_stream, Fabric::infiniband, 2, 1, 5e-6, 1 / 25e9, Mode::stream),
                   line(Operation::all_reduce, Fabric::infiniband, 2, 1, 20e-6, 1 / 20e9)});
}

}  // namespace hockney::predict::synthetic
