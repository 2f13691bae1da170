#include <array>
#include <mutex>

#include "group.hpp"
#include "version.hpp"

namespace hockney::gpu_double {
namespace {

struct LastError {
  std::mutex mutex;
  std::string text;
};

LastError& last_error() {
  static LastError& only = *new LastError;
  return only;
}

template <class Value>
ncclResult_t answer(ncclComm_t handle, Value* value, Value (*ask)(const Communicator&)) {
  ncclResult_t code = ncclSuccess;
  if (const auto communicator = ready_communicator(handle, code)) {
    *value = ask(*communicator);
  }
  return code;
}

}  // namespace

ncclResult_t fail(ncclResult_t code, const std::string& text) {
  LastError& last = last_error();
  const std::lock_guard lock(last.mutex);
  last.text = text;
  return code;
}

}  // namespace hockney::gpu_double

using namespace hockney::gpu_double;

extern "C" {

ncclResult_t ncclGetVersion(int* version) {
  *version = pretended_version();
  return ncclSuccess;
}

ncclResult_t ncclCommCount(const ncclComm_t handle, int* count) {
  return answer<int>(handle, count, [](const Communicator& communicator) { return communicator.ranks(); });
}

ncclResult_t ncclCommUserRank(const ncclComm_t handle, int* rank) {
  return answer<int>(handle, rank, [](const Communicator& communicator) { return communicator.rank(); });
}

ncclResult_t ncclCommCuDevice(const ncclComm_t handle, int* device) {
  return answer<int>(handle, device, [](const Communicator& communicator) { return communicator.visible_device(); });
}

// The texts of NCCL's init.cc.
const char* ncclGetErrorString(ncclResult_t code) {
  static constexpr std::array texts{
      "no error",
      "unhandled cuda error (run with NCCL_DEBUG=INFO for details)",
      "unhandled system error (run with NCCL_DEBUG=INFO for details)",
      "internal error - please report this issue to the NCCL developers",
      "invalid argument (run with NCCL_DEBUG=WARN for details)",
      "invalid usage (run with NCCL_DEBUG=WARN for details)",
      "remote process exited or there was a network error",
      "NCCL operation in progress",
  };
  const auto at = static_cast<std::size_t>(code);
  return at < texts.size() ? texts[at] : "unknown result code";
}

const char* ncclGetLastError(ncclComm_t) {
  thread_local std::string copy;
  LastError& last = last_error();
  const std::lock_guard lock(last.mutex);
  copy = last.text;
  return copy.c_str();
}
}
