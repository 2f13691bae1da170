#include <cstring>
#include <cuda.h>
#include <cuda_runtime_api.h>
#include <dlfcn.h>
#include <string>

#include "device.hpp"
#include "error.hpp"
#include "jump.hpp"
#include "machine.hpp"
#include "stream.hpp"

// What NCCL asks of CUDA beside devices, memory, streams and events. Its kernels do nothing.

using namespace hockney::gpu_double;
using hockney::pretended_gpu::machine;
using hockney::pretended_gpu::refusal_of;

// The handle of CUDA points to it.
struct CUuserObject_st {
  std::shared_ptr<void> content;
};

namespace {

cudaError_t find_driver_function(const char* name, void** function, cudaDriverEntryPointQueryResult* result) {
  *function = ::dlsym(RTLD_DEFAULT, name);
  for (const char* version : {"_v2", "_v3", "_v4"}) {  // cuda.h turns some names into these
    if (*function == nullptr) {
      *function = ::dlsym(RTLD_DEFAULT, (std::string(name) + version).c_str());
    }
  }
  if (*function == nullptr) {
    *function = const_cast<void*>(refusal_of(::strdup(name)));
  }
  if (result != nullptr) {
    *result = cudaDriverEntryPointSuccess;
  }
  return cudaSuccess;
}

cudaError_t launch_nothing(cudaStream_t stream) {
  return submit(stream, [] {});
}

}  // namespace

extern "C" {

cudaError_t cudaGetDriverEntryPointByVersion(const char* name, void** function, unsigned int, unsigned long long,
                                             cudaDriverEntryPointQueryResult* result) {
  return find_driver_function(name, function, result);
}

cudaError_t cudaGetDriverEntryPoint(const char* name, void** function, unsigned long long,
                                    cudaDriverEntryPointQueryResult* result) {
  return find_driver_function(name, function, result);
}

CUresult cuGetErrorString(CUresult code, const char** text) {
  static thread_local std::string said;
  said = "driver error " + std::to_string(code);
  *text = said.c_str();
  return CUDA_SUCCESS;
}

CUresult cuGetErrorName(CUresult code, const char** text) { return cuGetErrorString(code, text); }

cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, const void*) {
  *attributes = {};
  attributes->maxThreadsPerBlock = 1024;
  attributes->numRegs = 96;
  attributes->ptxVersion = attributes->binaryVersion = machine().compute_major * 10 + machine().compute_minor;
  return cudaSuccess;
}

cudaError_t cudaFuncSetAttribute(const void*, cudaFuncAttribute, int) { return cudaSuccess; }

cudaError_t cudaGetFuncBySymbol(cudaFunction_t* function, const void* symbol) {
  *function = reinterpret_cast<cudaFunction_t>(const_cast<void*>(symbol));
  return cudaSuccess;
}

cudaError_t pretended_cudaLaunchKernel(const void*, dim3, dim3, void**, size_t, cudaStream_t stream) {
  return report(launch_nothing(stream));
}

CUresult cuLaunchKernel(CUfunction, unsigned int, unsigned int, unsigned int, unsigned int, unsigned int, unsigned int,
                        unsigned int, CUstream stream, void**, void**) {
  return static_cast<CUresult>(launch_nothing(stream));
}

CUresult cuLaunchKernelEx(const CUlaunchConfig* shape, CUfunction, void**, void**) {
  return static_cast<CUresult>(launch_nothing(shape->hStream));
}

// Work in a capture is in the order of its calls (the double's graph.cpp): dependencies need no nodes.
cudaError_t cudaStreamGetCaptureInfo(cudaStream_t stream, cudaStreamCaptureStatus* status, unsigned long long* id,
                                     cudaGraph_t* graph, const cudaGraphNode_t** dependencies,
                                     const cudaGraphEdgeData** edges, size_t* count) {
  const auto found = find_stream(stream);
  const auto capture = found ? found->capture() : nullptr;
  *status = capture ? cudaStreamCaptureStatusActive : cudaStreamCaptureStatusNone;
  if (id != nullptr) {
    *id = reinterpret_cast<unsigned long long>(capture.get());
  }
  if (graph != nullptr) {
    *graph = reinterpret_cast<cudaGraph_t>(capture.get());
  }
  if (dependencies != nullptr) {
    *dependencies = nullptr;
  }
  if (edges != nullptr) {
    *edges = nullptr;
  }
  if (count != nullptr) {
    *count = 0;
  }
  return cudaSuccess;
}

// CUDA 12's, which knows no data of edges
cudaError_t pretended_cudaStreamGetCaptureInfo_v2(cudaStream_t stream, cudaStreamCaptureStatus* status,
                                                  unsigned long long* id, cudaGraph_t* graph,
                                                  const cudaGraphNode_t** dependencies, size_t* count) {
  return cudaStreamGetCaptureInfo(stream, status, id, graph, dependencies, nullptr, count);
}

cudaError_t pretended_cudaGetDeviceProperties_v2(cudaDeviceProp* properties, int device) {
  return cudaGetDeviceProperties(properties, device);
}

cudaError_t cudaStreamUpdateCaptureDependencies(cudaStream_t, cudaGraphNode_t*, const cudaGraphEdgeData*, size_t,
                                                unsigned int) {
  return cudaSuccess;
}

cudaError_t cudaGraphAddDependencies(cudaGraph_t, const cudaGraphNode_t*, const cudaGraphNode_t*,
                                     const cudaGraphEdgeData*, size_t) {
  return cudaSuccess;
}

cudaError_t cudaGraphAddEventRecordNode(cudaGraphNode_t* node, cudaGraph_t, const cudaGraphNode_t*, size_t,
                                        cudaEvent_t) {
  *node = nullptr;
  return cudaSuccess;
}

// NCCL's communicators do not end before the graphs that hold work of theirs: they learn of it here.
cudaError_t cudaUserObjectCreate(cudaUserObject_t* object, void* content, cudaHostFn_t destroy, unsigned int,
                                 unsigned int) {
  *object = new CUuserObject_st{{content, destroy}};
  return cudaSuccess;
}

cudaError_t cudaGraphRetainUserObject(cudaGraph_t graph, cudaUserObject_t object, unsigned int, unsigned int flags) {
  if (flags != cudaGraphUserObjectMove) {
    return report(cudaErrorNotSupported);
  }
  reinterpret_cast<Graph*>(graph)->kept.push_back(std::move(object->content));
  delete object;
  return cudaSuccess;
}
}
