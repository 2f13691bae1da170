#include <array>
#include <cstdio>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "error.hpp"
#include "project_kernels.hpp"
#include "stream.hpp"

// What nvcc's generated host code calls; declarations: crt/host_runtime.h and crt/device_functions.h of the toolkit.

// The handle of CUDA points to this.
struct CUkern_st {
  std::string name;
  const hockney::gpu_double::ProjectKernel* kernel;
};

namespace hockney::gpu_double {
namespace {

struct Registry {
  std::mutex mutex;
  std::unordered_map<const void*, CUkern_st> by_stub;
};

Registry& registry() {
  static Registry& all = *new Registry;
  return all;
}

CUkern_st* find_kernel(const void* stub) {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  const auto found = all.by_stub.find(stub);
  return found == all.by_stub.end() ? nullptr : &found->second;
}

struct LaunchShape {
  dim3 grid;
  dim3 block;
  std::size_t shared_bytes;
  cudaStream_t stream;
};

thread_local std::vector<LaunchShape> pushed;

cudaError_t launch(const CUkern_st* kernel, void** arguments, cudaStream_t stream) {
  if (kernel == nullptr || kernel->kernel == nullptr) {
    std::fprintf(stderr, "hockney test double: no host version of kernel '%s'\n",
                 kernel == nullptr ? "(not registered)" : kernel->name.c_str());
    return cudaErrorInvalidDeviceFunction;
  }
  const auto* bytes = static_cast<const std::byte*>(arguments[0]);
  std::vector<std::byte> argument(bytes, bytes + kernel->kernel->argument_size);
  return submit(stream, [run = kernel->kernel->run, argument = std::move(argument)] { run(argument.data()); });
}

}  // namespace
}  // namespace hockney::gpu_double

using namespace hockney::gpu_double;

extern "C" {

void** __cudaRegisterFatBinary(void*) {
  static std::array<void*, 1> handle{};
  return handle.data();
}

void __cudaRegisterFatBinaryEnd(void**) {}

void __cudaUnregisterFatBinary(void**) {}

char __cudaInitModule(void**) { return 1; }

void __cudaRegisterVar(void**, char*, char*, const char*, int, size_t, int, int) {}

void __cudaRegisterManagedVar(void**, void**, char*, const char*, int, size_t, int, int) {}

void __cudaRegisterFunction(void**, const char* stub, char*, const char* name, int, uint3*, uint3*, dim3*, dim3*,
                            int*) {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  all.by_stub.insert_or_assign(stub, CUkern_st{name, find_project_kernel(name)});
}

unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, size_t shared_bytes, cudaStream_t stream) {
  pushed.push_back({grid, block, shared_bytes, stream});
  return 0;
}

cudaError_t __cudaPopCallConfiguration(dim3* grid, dim3* block, size_t* shared_bytes, void* stream) {
  if (pushed.empty()) {
    return report(cudaErrorIllegalState);
  }
  const LaunchShape shape = pushed.back();
  pushed.pop_back();
  *grid = shape.grid;
  *block = shape.block;
  *shared_bytes = shape.shared_bytes;
  *static_cast<cudaStream_t*>(stream) = shape.stream;
  return cudaSuccess;
}

cudaError_t __cudaGetKernel(cudaKernel_t* kernel, const void* stub) {
  *kernel = find_kernel(stub);
  return report(*kernel == nullptr ? cudaErrorInvalidDeviceFunction : cudaSuccess);
}

cudaError_t __cudaLaunchKernel(cudaKernel_t kernel, dim3, dim3, void** arguments, size_t, cudaStream_t stream) {
  return report(launch(kernel, arguments, stream));
}

cudaError_t cudaLaunchKernel(const void* stub, dim3, dim3, void** arguments, size_t, cudaStream_t stream) {
  return report(launch(find_kernel(stub), arguments, stream));
}
}
