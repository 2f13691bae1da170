#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>

#include "group.hpp"
#include "held.hpp"
#include "interface.hpp"

// Memory and what communicators are told about it.
using namespace hockney::gpu_double;

namespace {

// What a handle of ncclCommRegister or a window points to: nothing but an address that is not null.
void* new_handle() { return new char; }

void delete_handle(void* handle) { delete static_cast<char*>(handle); }

std::mutex mutex;

std::map<void*, std::size_t>& sizes() {
  static auto& all = *new std::map<void*, std::size_t>;
  return all;
}

}  // namespace

extern "C" {

ncclResult_t ncclMemAlloc(void** pointer, size_t size) {
  const cudaError_t code = hockney_double_allocate(pointer, size, NCCL_WIN_REQUIRED_ALIGNMENT);
  if (code != cudaSuccess) {
    return fail(ncclUnhandledCudaError, cudaGetErrorString(code));
  }
  const std::lock_guard lock(mutex);
  sizes()[*pointer] = size;
  return ncclSuccess;
}

ncclResult_t ncclMemFree(void* pointer) {
  cudaDeviceSynchronize();  // what still runs has its graph
  const std::lock_guard lock(mutex);
  if (is_held(pointer, sizes()[pointer])) {
    std::fprintf(stderr, "hockney test double: ncclMemFree of memory that a captured graph still uses\n");
    std::abort();
  }
  sizes().erase(pointer);
  return cudaFree(pointer) == cudaSuccess ? ncclSuccess : fail(ncclInvalidArgument, "not from ncclMemAlloc");
}

ncclResult_t ncclCommRegister(const ncclComm_t handle, void*, size_t, void** registration) {
  ncclResult_t code = ncclSuccess;
  if (ready_communicator(handle, code)) {
    *registration = new_handle();
  }
  return code;
}

ncclResult_t ncclCommDeregister(const ncclComm_t handle, void* registration) {
  ncclResult_t code = ncclSuccess;
  if (ready_communicator(handle, code)) {
    delete_handle(registration);
  }
  return code;
}

ncclResult_t ncclCommWindowRegister(ncclComm_t handle, void* data, size_t size, ncclWindow_t* window, int flags) {
  ncclResult_t code = ncclSuccess;
  const auto communicator = ready_communicator(handle, code);
  if (!communicator) {
    return code;
  }
  if (reinterpret_cast<std::uintptr_t>(data) % NCCL_WIN_REQUIRED_ALIGNMENT != 0) {
    return fail(ncclInvalidArgument, "window buffer is not aligned to NCCL_WIN_REQUIRED_ALIGNMENT");
  }
  *window = nullptr;
  return communicator->perform([=] {
    *window = static_cast<ncclWindow_t>(new_handle());
    if ((flags & NCCL_WIN_COLL_SYMMETRIC) != 0) {
      communicator->add_window(*window, data, size);
    }
    return ncclSuccess;
  });
}

ncclResult_t ncclCommWindowDeregister(ncclComm_t handle, ncclWindow_t window) {
  ncclResult_t code = ncclSuccess;
  if (const auto communicator = ready_communicator(handle, code)) {
    communicator->remove_window(window);
    delete_handle(window);
  }
  return code;
}
}
