#pragma once

#include <cstdint>

#include "predict/compute/constants.hpp"
#include "predict/compute/gpu.hpp"

namespace hockney::predict {

/// A batch of matrix products of m x k by k x n.
struct GemmShape {
  double m = 0;
  double n = 0;
  double k = 0;
  double batch = 1;

  double flops() const { return 2 * m * n * k * batch; }
};

/// Times kernels of one GPU at one element width. A value: cheap to copy, no allocation.
class KernelClock {
 public:
  /// `efficiency`: sustained share of the matrix units' peak, as Gpu::efficiency. Throws as Gpu::peak_flops_per_s().
  KernelClock(const Gpu& gpu, const StepConstants& constants, double efficiency, std::uint64_t bytes_per_element);

  /// The same clock with products of operands of `precision`, for linear layers: results stay as wide as elements are.
  /// Throws as the constructor.
  KernelClock with_operands(const Gpu& gpu, double efficiency, Precision precision) const;

  /// The same clock with kernels that start without the host (CUDA graphs).
  KernelClock with_start_of(double seconds) const;

  /// Seconds of a GEMM: the best of six tile shapes, each
  ///   waves (max(2 tm tn k / (peak efficiency / SMs), (tm + tn) k e / (L2 / SMs)) + fill_s) + tiles tm tn e / L2:
  /// a tile is stored when its products are done. waves = tiles / SMs rounded up (tile and wave quantisation: NVIDIA,
  /// Matrix Multiplication Background User's Guide). No less than the time to read operands and write the result at
  /// HBM rate (roofline: Williams, Waterman & Patterson 2009).
  double gemm(const GemmShape& shape) const;

  /// Seconds of a memory-bound kernel that reads and writes `bytes` in all.
  double stream(double bytes) const { return bytes / stream_bytes_per_s_ + kernel_s_; }

  /// The same without a kernel of its own: traffic added to another kernel's.
  double traffic(double bytes) const { return bytes / stream_bytes_per_s_; }

  /// Seconds of `flops` of fused attention.
  double fused_attention(double flops) const { return flops / fused_flops_per_s_ + kernel_s_; }

  double element_bytes() const { return element_bytes_; }

 private:
  double flops_per_s_per_sm_;
  double l2_bytes_per_s_per_sm_;
  double stream_bytes_per_s_;
  double fused_flops_per_s_;
  double multiprocessors_;
  double fill_s_;
  double kernel_s_;
  double operand_bytes_;
  double element_bytes_;
};

}  // namespace hockney::predict
