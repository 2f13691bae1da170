#pragma once

#include "predict/compute/gpu.hpp"

/// GPUs with known numbers, for tests.
namespace hockney::predict::synthetic {

/// 300 Tflop/s for 2-byte elements (600 for 1, 150 for 4) on 100 multiprocessors, HBM of 2 TB/s, L2 of 7 TB/s.
inline Gpu round_gpu() {
  Gpu gpu;
  gpu.name = "made up";
  gpu.matrix_flops_per_s = 300e12;
  gpu.matrix_flops_per_s_8bit = 600e12;
  gpu.matrix_flops_per_s_32bit = 150e12;
  gpu.multiprocessors = 100;
  gpu.memory_bytes_per_s = 2e12;
  gpu.l2_bytes_per_s = 7e12;
  gpu.collective_channels = 20;
  gpu.efficiency = 0.9;
  return gpu;
}

}  // namespace hockney::predict::synthetic
