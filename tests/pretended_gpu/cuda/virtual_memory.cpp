#include <cstdio>
#include <cuda.h>
#include <fcntl.h>
#include <map>
#include <mutex>
#include <sys/mman.h>
#include <unistd.h>

#include "device.hpp"
#include "fault.hpp"
#include "machine.hpp"
#include "memory.hpp"

// The driver's virtual memory management and multicast objects.

using namespace hockney::pretended_gpu;
using hockney::gpu_double::current_device;

namespace {

using Memory = std::shared_ptr<PhysicalMemory>;

constexpr std::size_t granularity = std::size_t{2} << 20;

// A handle is the memory's address, counted: retaining it gives the same one again.
struct Handles {
  struct Entry {
    Memory memory;
    int count = 0;
  };
  std::mutex mutex;
  std::map<CUmemGenericAllocationHandle, Entry> by_handle;
};

Handles& handles() {
  static Handles& all = *new Handles;
  return all;
}

CUresult give(CUmemGenericAllocationHandle* handle, Memory memory) {
  if (!memory) {
    return CUDA_ERROR_OUT_OF_MEMORY;
  }
  *handle = reinterpret_cast<std::uintptr_t>(memory.get());
  Handles& all = handles();
  const std::lock_guard lock(all.mutex);
  Handles::Entry& entry = all.by_handle[*handle];
  entry.memory = std::move(memory);
  ++entry.count;
  return CUDA_SUCCESS;
}

// Null for a handle that is none
Memory memory_of(CUmemGenericAllocationHandle handle) {
  Handles& all = handles();
  const std::lock_guard lock(all.mutex);
  const auto found = all.by_handle.find(handle);
  return found == all.by_handle.end() ? nullptr : found->second.memory;
}

CUresult release(CUmemGenericAllocationHandle handle) {
  Handles& all = handles();
  const std::lock_guard lock(all.mutex);
  const auto found = all.by_handle.find(handle);
  if (found == all.by_handle.end()) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (--found->second.count == 0) {
    all.by_handle.erase(found);
  }
  return CUDA_SUCCESS;
}

std::byte* pointer(CUdeviceptr address) { return reinterpret_cast<std::byte*>(address); }

}  // namespace

extern "C" {

CUresult cuMemGetAllocationGranularity(size_t* size, const CUmemAllocationProp*, CUmemAllocationGranularity_flags) {
  *size = granularity;
  return CUDA_SUCCESS;
}

CUresult cuMemCreate(CUmemGenericAllocationHandle* handle, size_t size, const CUmemAllocationProp* properties,
                     unsigned long long) {
  if ((properties->requestedHandleTypes & CU_MEM_HANDLE_TYPE_FABRIC) != 0) {
    return CUDA_ERROR_NOT_SUPPORTED;
  }
  if (!has_room(properties->location.id, size)) {
    return CUDA_ERROR_OUT_OF_MEMORY;
  }
  return give(handle, PhysicalMemory::create(size, properties->location.id));
}

CUresult cuMemRelease(CUmemGenericAllocationHandle handle) { return release(handle); }

CUresult cuMemAddressReserve(CUdeviceptr* address, size_t size, size_t alignment, CUdeviceptr, unsigned long long) {
  const std::size_t step = std::max(alignment, granularity);
  void* got = ::mmap(nullptr, size + step, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (got == MAP_FAILED) {
    return CUDA_ERROR_OUT_OF_MEMORY;
  }
  // what lies beside the aligned part goes back, so that freeing by address and size frees all
  auto* const begin = static_cast<std::byte*>(got);
  const std::size_t before = (step - reinterpret_cast<std::uintptr_t>(begin) % step) % step;
  if (before > 0) {
    ::munmap(begin, before);
  }
  ::munmap(begin + before + size, step - before);
  *address = reinterpret_cast<CUdeviceptr>(begin + before);
  return CUDA_SUCCESS;
}

CUresult cuMemAddressFree(CUdeviceptr address, size_t size) {
  return ::munmap(pointer(address), size) == 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuMemMap(CUdeviceptr address, size_t size, size_t offset, CUmemGenericAllocationHandle handle,
                  unsigned long long) {
  return map(pointer(address), size, offset, memory_of(handle), Kind::virtual_memory) != nullptr
             ? CUDA_SUCCESS
             : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuMemUnmap(CUdeviceptr address, size_t) {
  return unmap(pointer(address), true) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuMemSetAccess(CUdeviceptr, size_t, const CUmemAccessDesc*, size_t) { return CUDA_SUCCESS; }

CUresult cuMemRetainAllocationHandle(CUmemGenericAllocationHandle* handle, void* address) {
  const auto mapping = find_mapping(address);
  if (!mapping || mapping->kind != Kind::virtual_memory) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  return give(handle, mapping->memory);
}

CUresult cuMemGetAllocationPropertiesFromHandle(CUmemAllocationProp* properties, CUmemGenericAllocationHandle handle) {
  *properties = {};
  properties->type = CU_MEM_ALLOCATION_TYPE_PINNED;
  properties->requestedHandleTypes = CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR;
  properties->location = {CU_MEM_LOCATION_TYPE_DEVICE, {memory_of(handle)->device()}};
  properties->allocFlags.gpuDirectRDMACapable = 1;
  return CUDA_SUCCESS;
}

CUresult cuMemExportToShareableHandle(void* shareable, CUmemGenericAllocationHandle handle,
                                      CUmemAllocationHandleType type, unsigned long long) {
  if (type != CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR) {
    return CUDA_ERROR_NOT_SUPPORTED;
  }
  *static_cast<int*>(shareable) = ::fcntl(memory_of(handle)->file(), F_DUPFD_CLOEXEC, 0);
  return CUDA_SUCCESS;
}

CUresult cuMemImportFromShareableHandle(CUmemGenericAllocationHandle* handle, void* shareable,
                                        CUmemAllocationHandleType type) {
  if (type != CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR) {
    return CUDA_ERROR_NOT_SUPPORTED;
  }
  const int theirs = static_cast<int>(reinterpret_cast<std::intptr_t>(shareable));
  return give(handle, PhysicalMemory::import(::fcntl(theirs, F_DUPFD_CLOEXEC, 0), current_device()));
}

CUresult cuMemGetAddressRange(CUdeviceptr* begin, size_t* size, CUdeviceptr address) {
  const auto mapping = find_mapping(pointer(address));
  if (!mapping) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (begin != nullptr) {
    *begin = reinterpret_cast<CUdeviceptr>(mapping->begin);
  }
  if (size != nullptr) {
    *size = mapping->size;
  }
  return CUDA_SUCCESS;
}

CUresult cuMemGetHandleForAddressRange(void* handle, CUdeviceptr address, size_t, CUmemRangeHandleType,
                                       unsigned long long) {
  const auto mapping = find_mapping(pointer(address));
  if (!mapping || !mapping->memory) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *static_cast<int*>(handle) = ::fcntl(mapping->memory->file(), F_DUPFD_CLOEXEC, 0);
  return CUDA_SUCCESS;
}

CUresult cuPointerGetAttribute(void* data, CUpointer_attribute attribute, CUdeviceptr address) {
  const auto mapping = find_mapping(pointer(address));
  if (!mapping) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  switch (attribute) {
    case CU_POINTER_ATTRIBUTE_IS_LEGACY_CUDA_IPC_CAPABLE:
      *static_cast<int*>(data) = mapping->kind == Kind::cuda_malloc ? 1 : 0;
      return CUDA_SUCCESS;
    case CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL:
      *static_cast<int*>(data) = mapping->memory ? mapping->memory->device() : 0;
      return CUDA_SUCCESS;
    case CU_POINTER_ATTRIBUTE_MEMORY_TYPE:
      *static_cast<CUmemorytype*>(data) = mapping->memory ? CU_MEMORYTYPE_DEVICE : CU_MEMORYTYPE_HOST;
      return CUDA_SUCCESS;
    case CU_POINTER_ATTRIBUTE_ALLOWED_HANDLE_TYPES:
      *static_cast<std::uint64_t*>(data) =
          mapping->kind == Kind::virtual_memory ? CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR : CU_MEM_HANDLE_TYPE_NONE;
      return CUDA_SUCCESS;
    case CU_POINTER_ATTRIBUTE_BUFFER_ID:
      *static_cast<unsigned long long*>(data) = reinterpret_cast<std::uintptr_t>(mapping->begin);
      return CUDA_SUCCESS;
    default:
      std::fprintf(stderr, "pretended GPU: NCCL asks for pointer attribute %d, which is not pretended\n", attribute);
      return CUDA_ERROR_NOT_SUPPORTED;
  }
}

CUresult cuMulticastGetGranularity(size_t* size, const CUmulticastObjectProp*, CUmulticastGranularity_flags) {
  *size = granularity;
  return CUDA_SUCCESS;
}

CUresult cuMulticastCreate(CUmemGenericAllocationHandle* handle, const CUmulticastObjectProp* properties) {
  if (!machine().multicast) {
    return CUDA_ERROR_NOT_SUPPORTED;
  }
  return give(handle, PhysicalMemory::create(properties->size, current_device()));
}

// A multicast object is memory of its own: nothing written to it reaches the memory that is bound.
CUresult cuMulticastAddDevice(CUmemGenericAllocationHandle, CUdevice) { return CUDA_SUCCESS; }

CUresult cuMulticastBindMem(CUmemGenericAllocationHandle, size_t, CUmemGenericAllocationHandle, size_t, size_t,
                            unsigned long long) {
  return CUDA_SUCCESS;
}

CUresult cuMulticastBindAddr(CUmemGenericAllocationHandle, size_t, CUdeviceptr, size_t, unsigned long long) {
  return CUDA_SUCCESS;
}

CUresult cuMulticastUnbind(CUmemGenericAllocationHandle, CUdevice, size_t, size_t) { return CUDA_SUCCESS; }
}
