#include <cstring>
#include <fcntl.h>
#include <string>
#include <unistd.h>

#include "device.hpp"
#include "error.hpp"
#include "fault.hpp"
#include "memory.hpp"
#include "stream.hpp"

// cudaMalloc and its kin.

using namespace hockney::gpu_double;
using namespace hockney::pretended_gpu;

namespace {

constexpr std::size_t page = 4096;

std::size_t rounded(std::size_t size) { return (size + page - 1) / page * page; }

cudaError_t allocate(void** pointer, std::size_t size) {
  *pointer = nullptr;
  if (size == 0) {
    return cudaSuccess;
  }
  if (!has_room(current_device(), size)) {
    return cudaErrorMemoryAllocation;
  }
  auto memory = PhysicalMemory::create(rounded(size), current_device());
  *pointer = memory ? map(nullptr, rounded(size), 0, memory, Kind::cuda_malloc) : nullptr;
  return *pointer == nullptr ? cudaErrorMemoryAllocation : cudaSuccess;
}

cudaError_t release(void* pointer) {
  if (pointer == nullptr) {
    return cudaSuccess;
  }
  synchronise_all_streams();
  return unmap(static_cast<std::byte*>(pointer), false) ? cudaSuccess : cudaErrorInvalidValue;
}

// What a handle of CUDA's legacy IPC holds: the file of a process, which another one opens through /proc.
struct SharedMemory {
  int process;
  int file;
  int device;
};

void fill(void* to, int value, std::size_t size) {
  if (value == 0) {
    clear(to, size);
  } else {
    std::memset(to, value, size);
  }
}

cudaError_t now(const Work& work) {
  run_synchronously(work);
  return cudaSuccess;
}

}  // namespace

extern "C" {

cudaError_t cudaMalloc(void** pointer, size_t size) { return report(allocate(pointer, size)); }
cudaError_t cudaFree(void* pointer) { return report(release(pointer)); }

cudaError_t cudaHostAlloc(void** pointer, size_t size, unsigned int) {
  *pointer = map_pinned_host(rounded(size));
  return report(*pointer == nullptr ? cudaErrorMemoryAllocation : cudaSuccess);
}

cudaError_t cudaMallocHost(void** pointer, size_t size) { return cudaHostAlloc(pointer, size, cudaHostAllocDefault); }
cudaError_t cudaFreeHost(void* pointer) { return report(release(pointer)); }
cudaError_t cudaHostRegister(void*, size_t, unsigned int) { return cudaSuccess; }
cudaError_t cudaHostUnregister(void*) { return cudaSuccess; }

cudaError_t cudaHostGetDevicePointer(void** device, void* host, unsigned int) {
  *device = host;
  return cudaSuccess;
}

cudaError_t cudaMemPoolCreate(cudaMemPool_t* pool, const cudaMemPoolProps*) {
  *pool = reinterpret_cast<cudaMemPool_t>(pool);
  return cudaSuccess;
}

cudaError_t cudaMemPoolDestroy(cudaMemPool_t) { return cudaSuccess; }
cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t, cudaMemPoolAttr, void*) { return cudaSuccess; }

cudaError_t cudaMallocFromPoolAsync(void** pointer, size_t size, cudaMemPool_t, cudaStream_t) {
  return cudaMalloc(pointer, size);
}

cudaError_t cudaFreeAsync(void* pointer, cudaStream_t stream) {
  return report(submit(stream, [pointer] { unmap(static_cast<std::byte*>(pointer), false); }));
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t size, cudaMemcpyKind, cudaStream_t stream) {
  return report(submit(stream, [=] { std::memmove(to, from, size); }));
}

cudaError_t cudaMemcpy(void* to, const void* from, size_t size, cudaMemcpyKind) {
  return now([=] { std::memmove(to, from, size); });
}

cudaError_t cudaMemsetAsync(void* to, int value, size_t size, cudaStream_t stream) {
  return report(submit(stream, [=] { fill(to, value, size); }));
}

cudaError_t cudaMemset(void* to, int value, size_t size) {
  return now([=] { fill(to, value, size); });
}

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* pointer) {
  *attributes = {};
  if (const auto mapping = find_mapping(pointer)) {
    const bool host = mapping->kind == Kind::pinned_host;
    attributes->type = host ? cudaMemoryTypeHost : cudaMemoryTypeDevice;
    attributes->device = host ? 0 : mapping->memory->device();
    attributes->devicePointer = const_cast<void*>(pointer);
    attributes->hostPointer = host ? const_cast<void*>(pointer) : nullptr;
  }
  return cudaSuccess;
}

cudaError_t cudaIpcGetMemHandle(cudaIpcMemHandle_t* handle, void* pointer) {
  const auto mapping = find_mapping(pointer);
  if (!mapping || mapping->kind != Kind::cuda_malloc) {
    return report(cudaErrorInvalidValue);
  }
  *handle = {};
  const SharedMemory shared{::getpid(), mapping->memory->file(), mapping->memory->device()};
  std::memcpy(handle->reserved, &shared, sizeof shared);
  return cudaSuccess;
}

cudaError_t cudaIpcOpenMemHandle(void** pointer, cudaIpcMemHandle_t handle, unsigned int) {
  SharedMemory shared{};
  std::memcpy(&shared, handle.reserved, sizeof shared);
  const std::string path = "/proc/" + std::to_string(shared.process) + "/fd/" + std::to_string(shared.file);
  auto memory = PhysicalMemory::import(::open(path.c_str(), O_RDWR | O_CLOEXEC), shared.device);
  *pointer = memory ? map(nullptr, memory->size(), 0, memory, Kind::other_process) : nullptr;
  return report(*pointer == nullptr ? cudaErrorInvalidValue : cudaSuccess);
}

cudaError_t cudaIpcCloseMemHandle(void* pointer) {
  return report(unmap(static_cast<std::byte*>(pointer), false) ? cudaSuccess : cudaErrorInvalidValue);
}
}
