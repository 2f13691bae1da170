#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

#include "device.hpp"
#include "error.hpp"
#include "fault.hpp"
#include "interface.hpp"
#include "stream.hpp"

namespace hockney::gpu_double {
namespace {

constexpr std::size_t alignment_of_cuda_malloc = 256;

struct Allocation {
  std::size_t size;
  int device;  ///< -1: pinned host memory
};

struct Memory {
  std::mutex mutex;
  std::map<void*, Allocation> allocations;
};

Memory& memory() {
  static Memory& all = *new Memory;
  return all;
}

std::size_t used(const Memory& all, int device) {
  std::size_t sum = 0;
  for (const auto& [pointer, allocation] : all.allocations) {
    sum += allocation.device == device ? allocation.size : 0;
  }
  return sum;
}

bool fits(const Memory& all, std::size_t size, int device) {
  std::size_t most = memory_of_one_device();
  if (fault().kind == Fault::Kind::out_of_memory) {
    most = std::min(most, fault().bytes);
  }
  return device < 0 || used(all, device) + size <= most;
}

cudaError_t allocate(void** pointer, std::size_t size, std::size_t alignment, int device) {
  if (const cudaError_t state = driver_state(); state != cudaSuccess) {
    return state;
  }
  if (const cudaError_t refused = refuse_while_capturing(); refused != cudaSuccess) {
    return refused;
  }
  *pointer = nullptr;
  Memory& all = memory();
  const std::lock_guard lock(all.mutex);
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  if (size == 0) {
    return cudaSuccess;
  }
  if (!fits(all, rounded, device)) {
    return cudaErrorMemoryAllocation;
  }
  void* const block = std::aligned_alloc(alignment, rounded);
  if (block == nullptr) {
    return cudaErrorMemoryAllocation;
  }
  all.allocations.emplace(block, Allocation{rounded, device});
  *pointer = block;
  return cudaSuccess;
}

// Like CUDA's, freeing waits for everything that was queued.
cudaError_t release(void* pointer) {
  if (const cudaError_t state = driver_state(); state != cudaSuccess || pointer == nullptr) {
    return state;
  }
  if (const cudaError_t refused = refuse_while_capturing(); refused != cudaSuccess) {
    return refused;
  }
  synchronise_all_streams();
  Memory& all = memory();
  const std::lock_guard lock(all.mutex);
  if (all.allocations.erase(pointer) == 0) {
    return cudaErrorInvalidValue;
  }
  std::free(pointer);
  return cudaSuccess;
}

cudaError_t now(const Work& work) {
  if (const cudaError_t refused = refuse_while_capturing(); refused != cudaSuccess) {
    return refused;
  }
  run_synchronously(work);
  return cudaSuccess;
}

}  // namespace
}  // namespace hockney::gpu_double

using namespace hockney::gpu_double;

extern "C" {

cudaError_t hockney_double_allocate(void** pointer, std::size_t size, std::size_t alignment) {
  return report(allocate(pointer, size, alignment, current_device()));
}

cudaError_t cudaMalloc(void** pointer, size_t size) {
  return hockney_double_allocate(pointer, size, alignment_of_cuda_malloc);
}

cudaError_t cudaFree(void* pointer) { return report(release(pointer)); }

cudaError_t cudaHostAlloc(void** pointer, size_t size, unsigned int) {
  return report(allocate(pointer, size, 4096, -1));
}

cudaError_t cudaMallocHost(void** pointer, size_t size) { return cudaHostAlloc(pointer, size, cudaHostAllocDefault); }

cudaError_t cudaFreeHost(void* pointer) { return report(release(pointer)); }

cudaError_t cudaHostGetDevicePointer(void** device, void* host, unsigned int) {
  *device = host;
  return cudaSuccess;
}

cudaError_t cudaMemGetInfo(size_t* free_bytes, size_t* total) {
  if (const cudaError_t state = driver_state(); state != cudaSuccess) {
    return report(state);
  }
  Memory& all = memory();
  const std::lock_guard lock(all.mutex);
  *total = memory_of_one_device();
  *free_bytes = *total - std::min(*total, used(all, current_device()));
  return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t size, cudaMemcpyKind, cudaStream_t stream) {
  return report(submit(stream, [=] { std::memmove(to, from, size); }));
}

cudaError_t cudaMemcpy(void* to, const void* from, size_t size, cudaMemcpyKind) {
  return report(now([=] { std::memmove(to, from, size); }));
}

cudaError_t cudaMemsetAsync(void* to, int value, size_t size, cudaStream_t stream) {
  return report(submit(stream, [=] { std::memset(to, value, size); }));
}

cudaError_t cudaMemset(void* to, int value, size_t size) {
  return report(now([=] { std::memset(to, value, size); }));
}

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* pointer) {
  *attributes = {};
  Memory& all = memory();
  const std::lock_guard lock(all.mutex);
  auto after = all.allocations.upper_bound(const_cast<void*>(pointer));
  if (after == all.allocations.begin()) {
    return cudaSuccess;
  }
  const auto& [block, allocation] = *std::prev(after);
  if (static_cast<const char*>(pointer) < static_cast<const char*>(block) + allocation.size) {
    attributes->type = allocation.device < 0 ? cudaMemoryTypeHost : cudaMemoryTypeDevice;
    attributes->device = std::max(allocation.device, 0);
    attributes->devicePointer = const_cast<void*>(pointer);
    attributes->hostPointer = allocation.device < 0 ? const_cast<void*>(pointer) : nullptr;
  }
  return cudaSuccess;
}
}
