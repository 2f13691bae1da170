#pragma once

#include <span>
#include <string_view>

namespace hockney::predict {

/// What the step model assumes beside the GPU file and the cost model. Nothing else is tuned: constants_table() lists
/// each with its origin.
struct StepConstants {
  double memory_share = 0.724;      ///< of the HBM peak that streaming kernels reach
  double l2_share = 0.79;           ///< of the L2 peak that operand tiles reach
  double fill_s = 3.9e-6;           ///< per wave of GEMM tiles: filling the pipeline with operands
  double kernel_s = 10e-6;          ///< per memory-bound kernel: start and tail
  double graph_kernel_s = 2e-6;     ///< the same under CUDA graphs
  double gpu_spread = 0.029;        ///< standard deviation of GEMM speed from GPU to GPU, a fraction
  double optimizer_bytes = 54;      ///< read and written per parameter and step
  double cross_entropy_bytes = 30;  ///< read and written per logit and micro-batch
  double transfer_wait_s = 800e-6;  ///< per transfer between stages: host synchronisation and launch after it
  double ring_share = 0.85;         ///< of the NIC's rate that a ring over nodes reaches
  double model_error = 0.027;       ///< standard deviation of log(predicted / measured), common to all mappings
  double mapping_error = 0.013;     ///< the same, of one mapping against another
  double flash_share = 0.70;        ///< of a GEMM's rate that fused attention reaches
  double expert_share = 0.40;       ///< of a GEMM's rate that the grouped products of experts reach
};

/// One row of the table of constants.
struct ConstantRow {
  std::string_view name;
  double StepConstants::*value;
  std::string_view unit;
  std::string_view origin;  ///< published where, or tuned on what
};

/// Every member of StepConstants, in order of declaration.
std::span<const ConstantRow> constants_table();

}  // namespace hockney::predict
