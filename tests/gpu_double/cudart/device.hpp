#pragma once

#include <cstddef>
#include <cuda_runtime_api.h>

namespace hockney::gpu_double {

/// cudaSuccess when there is a driver new enough and a visible device; else the error that CUDA calls give.
cudaError_t driver_state();

/// Of the calling thread, among the visible ones.
int current_device();

/// HOCKNEY_DOUBLE_MEMORY, bytes; 8 GiB.
std::size_t memory_of_one_device();

}  // namespace hockney::gpu_double
