#include "device.hpp"

#include <cstdio>
#include <cstring>
#include <cuda.h>

#include "error.hpp"
#include "fault.hpp"
#include "machine.hpp"
#include "memory.hpp"

namespace hockney::gpu_double {
namespace {

thread_local int current = 0;

}  // namespace

// The double's streams and events ask these.
cudaError_t driver_state() { return cudaSuccess; }
int current_device() { return current; }
std::size_t memory_of_one_device() { return pretended_gpu::machine().memory; }

}  // namespace hockney::gpu_double

using namespace hockney::gpu_double;
using namespace hockney::pretended_gpu;

namespace {

bool is_device(int device) { return device >= 0 && device < gpus_per_node; }

CUuuid uuid_of(int device) {
  CUuuid uuid;
  std::memcpy(uuid.bytes, "pretended-gpu-0", 15);
  uuid.bytes[15] = static_cast<char>('0' + device);
  return uuid;
}

// The numbers of attributes are those of the driver's CUdevice_attribute.
int attribute(int name) {
  switch (name) {
    case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT:
      return machine().multiprocessors;
    case CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE:
      return machine().l2_cache;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR:
      return machine().compute_major;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR:
      return machine().compute_minor;
    case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
      return 1024;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN:
      return (machine().compute_major >= 9 ? 227 : 163) << 10;
    case CU_DEVICE_ATTRIBUTE_MULTICAST_SUPPORTED:
      return machine().multicast ? 1 : 0;
    case CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY:
    case CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING:
    case CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED:
    case CU_DEVICE_ATTRIBUTE_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR_SUPPORTED:
    case CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_SUPPORTED:
    case CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_WITH_CUDA_VMM_SUPPORTED:
    case CU_DEVICE_ATTRIBUTE_DMA_BUF_SUPPORTED:
    case CU_DEVICE_ATTRIBUTE_HOST_NUMA_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED:
      return 1;
    default:
      return 0;
  }
}

}  // namespace

extern "C" {

int hockney_cuda_test_double = 1;

cudaError_t cudaGetDeviceCount(int* count) {
  *count = gpus_per_node;
  return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  if (!is_device(device)) {
    return report(cudaErrorInvalidDevice);
  }
  *properties = {};
  properties->uuid = uuid_of(device);
  std::snprintf(properties->name, sizeof properties->name, "%s", machine().gpu_name);
  properties->totalGlobalMem = machine().memory;
  properties->l2CacheSize = machine().l2_cache;
  properties->major = machine().compute_major;
  properties->minor = machine().compute_minor;
  properties->multiProcessorCount = machine().multiprocessors;
  properties->maxThreadsPerBlock = 1024;
  properties->warpSize = 32;
  properties->unifiedAddressing = 1;
  properties->canMapHostMemory = 1;
  properties->concurrentKernels = 1;
  return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr name, int device) {
  *value = attribute(static_cast<int>(name));
  return is_device(device) ? cudaSuccess : report(cudaErrorInvalidDevice);
}

cudaError_t cudaDeviceGetPCIBusId(char* text, int length, int device) {
  if (!is_device(device)) {
    return report(cudaErrorInvalidDevice);
  }
  std::snprintf(text, static_cast<std::size_t>(length), "%s", machine().gpus[static_cast<std::size_t>(device)]);
  return cudaSuccess;
}

cudaError_t cudaSetDevice(int device) {
  if (!is_device(device)) {
    return report(cudaErrorInvalidDevice);
  }
  current = device;
  return cudaSuccess;
}

cudaError_t cudaGetDevice(int* device) {
  *device = current;
  return cudaSuccess;
}

cudaError_t cudaDriverGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int* version) { return cudaDriverGetVersion(version); }

cudaError_t cudaMemGetInfo(size_t* free_bytes, size_t* total) {
  *total = machine().memory;
  *free_bytes = *total - mapped_bytes(current);
  return cudaSuccess;
}

cudaError_t cudaDeviceCanAccessPeer(int* can, int device, int peer) {
  *can = is_device(device) && is_device(peer) && device != peer && has_p2p(device, peer) ? 1 : 0;
  return cudaSuccess;
}

cudaError_t cudaDeviceEnablePeerAccess(int, unsigned int) { return cudaSuccess; }
cudaError_t cudaDeviceSetLimit(cudaLimit, size_t) { return cudaSuccess; }

CUresult cuInit(unsigned int) { return CUDA_SUCCESS; }

CUresult cuDeviceGetCount(int* count) {
  *count = gpus_per_node;
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetUuid(CUuuid* uuid, CUdevice device) {
  *uuid = uuid_of(device);
  return is_device(device) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  *device = ordinal;
  return is_device(ordinal) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute name, CUdevice device) {
  *value = attribute(static_cast<int>(name));
  return is_device(device) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

CUresult cuCtxGetCurrent(CUcontext* context) {
  *context = reinterpret_cast<CUcontext>(static_cast<std::uintptr_t>(current + 1));
  return CUDA_SUCCESS;
}

CUresult cuCtxSetCurrent(CUcontext context) {
  current = static_cast<int>(reinterpret_cast<std::uintptr_t>(context)) - 1;
  return CUDA_SUCCESS;
}

CUresult cuCtxCreate(CUcontext* context, CUctxCreateParams*, unsigned int, CUdevice device) {
  current = device;
  return cuCtxGetCurrent(context);
}

CUresult cuCtxDestroy(CUcontext) { return CUDA_SUCCESS; }

CUresult cuCtxGetDevice(CUdevice* device) {
  *device = current;
  return CUDA_SUCCESS;
}
}
