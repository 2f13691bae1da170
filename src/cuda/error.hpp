#pragma once

#include <cuda_runtime_api.h>
#include <source_location>
#include <stdexcept>

namespace hockney::cuda {

/// A failed CUDA call. what(): "file:line: cudaErrorIllegalAddress: an illegal memory access was encountered".
class Error : public std::runtime_error {
 public:
  Error(cudaError_t code, const std::source_location& where);
  cudaError_t code() const { return code_; }

 private:
  cudaError_t code_;
};

/// Throws Error unless `code` is cudaSuccess; clears the runtime's last error first, so that it is reported once.
void check(cudaError_t code, std::source_location where = std::source_location::current());

}  // namespace hockney::cuda
