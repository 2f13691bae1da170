#include "error.hpp"

#include <array>
#include <utility>

namespace {

struct Entry {
  cudaError_t code;
  const char* name;
  const char* text;
};

// Names and texts as the CUDA runtime gives them.
constexpr std::array entries{
    Entry{cudaSuccess, "cudaSuccess", "no error"},
    Entry{cudaErrorInvalidValue, "cudaErrorInvalidValue", "invalid argument"},
    Entry{cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation", "out of memory"},
    Entry{cudaErrorInsufficientDriver, "cudaErrorInsufficientDriver",
          "CUDA driver version is insufficient for CUDA runtime version"},
    Entry{cudaErrorInvalidDeviceFunction, "cudaErrorInvalidDeviceFunction", "invalid device function"},
    Entry{cudaErrorNoDevice, "cudaErrorNoDevice", "no CUDA-capable device is detected"},
    Entry{cudaErrorInvalidDevice, "cudaErrorInvalidDevice", "invalid device ordinal"},
    Entry{cudaErrorInvalidResourceHandle, "cudaErrorInvalidResourceHandle", "invalid resource handle"},
    Entry{cudaErrorNotReady, "cudaErrorNotReady", "device not ready"},
    Entry{cudaErrorStreamCaptureUnsupported, "cudaErrorStreamCaptureUnsupported",
          "operation not permitted when stream is capturing"},
    Entry{cudaErrorStreamCaptureInvalidated, "cudaErrorStreamCaptureInvalidated",
          "operation failed due to a previous error during capture"},
    Entry{cudaErrorIllegalState, "cudaErrorIllegalState", "the operation cannot be performed in the present state"},
};

const Entry* find(cudaError_t code) {
  for (const auto& entry : entries) {
    if (entry.code == code) {
      return &entry;
    }
  }
  return nullptr;
}

thread_local cudaError_t last = cudaSuccess;

}  // namespace

namespace hockney::gpu_double {

cudaError_t report(cudaError_t code) {
  if (code != cudaSuccess && code != cudaErrorNotReady) {
    last = code;
  }
  return code;
}

}  // namespace hockney::gpu_double

extern "C" {

const char* cudaGetErrorName(cudaError_t code) {
  const Entry* entry = find(code);
  return entry != nullptr ? entry->name : "cudaErrorUnknown";
}

const char* cudaGetErrorString(cudaError_t code) {
  const Entry* entry = find(code);
  return entry != nullptr ? entry->text : "unknown error";
}

cudaError_t cudaGetLastError() { return std::exchange(last, cudaSuccess); }

cudaError_t cudaPeekAtLastError() { return last; }
}
