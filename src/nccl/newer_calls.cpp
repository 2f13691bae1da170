#include "nccl/newer_calls.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include "base/error.hpp"
#include "nccl/error.hpp"

namespace hockney::nccl {
namespace {

constexpr int root = 0;

using AmongAll = ncclResult_t (*)(const void*, void*, std::size_t, ncclDataType_t, ncclComm_t, cudaStream_t);
using WithRoot = ncclResult_t (*)(const void*, void*, std::size_t, ncclDataType_t, int, ncclComm_t, cudaStream_t);

const char* native_name(Operation operation) {
  switch (operation) {
    case Operation::all_to_all:
      return "ncclAlltoAll";
    case Operation::gather:
      return "ncclGather";
    case Operation::scatter:
      return "ncclScatter";
    default:
      throw Failure(fmt::format("NCCL has no call of its own for {}", name_of(operation)));
  }
}

}  // namespace

void* find_call(const char* name) { return ::dlsym(RTLD_DEFAULT, name); }

void queue_native(Operation operation, const void* send, void* receive, std::size_t count, ncclDataType_t type,
                  const Communicator& communicator, cudaStream_t stream) {
  const char* const name = native_name(operation);
  void* const call = find_call(name);
  if (call == nullptr) {
    throw CannotRun(fmt::format("NCCL {} has no {}; expected 2.28 or newer", to_text(version()), name));
  }
  ncclComm_t comm = communicator.get();
  check(operation == Operation::all_to_all
            ? reinterpret_cast<AmongAll>(call)(send, receive, count, type, comm, stream)
            : reinterpret_cast<WithRoot>(call)(send, receive, count, type, root, comm, stream),
        communicator);
}

}  // namespace hockney::nccl
