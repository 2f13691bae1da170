#pragma once

#include <cuda_runtime_api.h>

namespace hockney::gpu_double {

/// Remembers a failure as the thread's last error and passes the code on.
cudaError_t report(cudaError_t code);

}  // namespace hockney::gpu_double
