#include <fmt/format.h>
#include <utility>

#include "base/error.hpp"
#include "nccl/communicator.hpp"
#include "nccl/error.hpp"
#include "nccl/newer_calls.hpp"

namespace hockney::nccl {
namespace {

using RegisterWindow = ncclResult_t (*)(ncclComm_t, void*, std::size_t, void**, int);
using DeregisterWindow = ncclResult_t (*)(ncclComm_t, void*);
constexpr int symmetric = 0x01;  // NCCL_WIN_COLL_SYMMETRIC

void* register_window(const Communicator& communicator, std::span<std::byte> bytes) {
  const auto call = reinterpret_cast<RegisterWindow>(find_call("ncclCommWindowRegister"));
  if (call == nullptr) {
    throw CannotRun(fmt::format("NCCL {} has no symmetric windows; expected 2.27 or newer", to_text(version())));
  }
  void* window = nullptr;
  check(call(communicator.get(), bytes.data(), bytes.size(), &window, symmetric), communicator);
  if (window == nullptr) {
    throw CannotRun("NCCL gives no symmetric window here: the group's GPUs cannot all reach each other's memory");
  }
  return window;
}

}  // namespace

Buffer::Buffer(const Communicator& communicator, Buffers kind, Bytes size)
    : communicator_(communicator), kind_(kind), size_(size.count) {
  allocate(size);
}

Buffer::~Buffer() { release(); }

void Buffer::allocate(Bytes size) {
  void* data = nullptr;
  const bool there = kind_ == Buffers::plain ? cudaMalloc(&data, size.count) == cudaSuccess
                                             : ncclMemAlloc(&data, size.count) == ncclSuccess;
  if (!there) {
    const std::string reason = cudaGetErrorString(cudaGetLastError());
    throw CannotRun(fmt::format("no {} of GPU memory for {} buffers: {}", to_string(size), name_of(kind_), reason));
  }
  data_ = static_cast<std::byte*>(data);
}

void Buffer::enrol() {
  if (kind_ == Buffers::registered) {
    check(ncclCommRegister(communicator_.get(), data_, size_, &registration_), communicator_);
  } else if (kind_ == Buffers::symmetric_window) {
    window_ = register_window(communicator_, bytes());
  }
}

void Buffer::release() noexcept {
  if (kind_ != Buffers::plain && data_ != nullptr) {
    cudaDeviceSynchronize();  // queued work may use it still: ncclMemFree does not wait for that, as cudaFree does
  }
  ncclComm_t communicator = communicator_.get();
  if (communicator != nullptr && registration_ != nullptr) {
    ncclCommDeregister(communicator, registration_);
  }
  if (communicator != nullptr && window_ != nullptr) {
    if (const auto call = reinterpret_cast<DeregisterWindow>(find_call("ncclCommWindowDeregister"))) {
      call(communicator, window_);
    }
  }
  registration_ = nullptr;
  window_ = nullptr;
  void* data = std::exchange(data_, nullptr);
  if (kind_ == Buffers::plain) {
    cudaFree(data);
  } else if (data != nullptr) {
    ncclMemFree(data);
  }
}

}  // namespace hockney::nccl
