#include "group.hpp"

#include <algorithm>
#include <utility>

namespace hockney::gpu_double {
namespace {

struct Queued {
  std::shared_ptr<Communicator> communicator;
  cudaStream_t stream;
  std::vector<Call> calls;
};

struct Group {
  int depth = 0;
  ncclResult_t error = ncclSuccess;
  std::vector<Queued> queued;  ///< one for each communicator and stream
};

thread_local Group group;

void add(const std::shared_ptr<Communicator>& communicator, const Call& call, cudaStream_t stream) {
  auto found = std::find_if(group.queued.begin(), group.queued.end(), [&](const Queued& queued) {
    return queued.communicator == communicator && queued.stream == stream;
  });
  if (found == group.queued.end()) {
    group.queued.push_back({communicator, stream, {}});
    found = std::prev(group.queued.end());
  }
  found->calls.push_back(call);
}

ncclResult_t launch_all(std::vector<Queued> all) {
  ncclResult_t result = ncclSuccess;
  for (Queued& queued : all) {
    const ncclResult_t one =
        queued.communicator->perform([communicator = queued.communicator, calls = std::move(queued.calls),
                                      stream = queued.stream] { return communicator->launch(calls, stream); });
    result = result == ncclSuccess || result == ncclInProgress ? std::max(result, one) : result;
  }
  return result;
}

ncclResult_t check_root(const Communicator& communicator, const Call& call) {
  return call.root >= 0 && call.root < communicator.ranks()
             ? ncclSuccess
             : fail(ncclInvalidArgument, "root or peer " + std::to_string(call.root) + " is no rank");
}

bool only_blocking() {
  return std::all_of(group.queued.begin(), group.queued.end(),
                     [](const Queued& queued) { return queued.communicator->is_blocking(); });
}

}  // namespace

std::shared_ptr<Communicator> ready_communicator(ncclComm_t handle, ncclResult_t& result) {
  auto communicator = find_communicator(handle);
  if (!communicator) {
    result = fail(ncclInvalidArgument, "comm argument is no communicator");
    return nullptr;
  }
  result = communicator->state();
  if (result == ncclInProgress) {
    result =
        fail(ncclInvalidArgument, "Attempt to use communicator before the previous operation returned ncclSuccess");
  }
  return result == ncclSuccess ? communicator : nullptr;
}

ncclResult_t take(ncclComm_t handle, const Call& call, cudaStream_t stream) {
  ncclResult_t result = ncclSuccess;
  const auto communicator = ready_communicator(handle, result);
  if (communicator) {
    result = check_root(*communicator, call);
  }
  if (result != ncclSuccess) {
    group.error = group.depth > 0 ? result : ncclSuccess;
    return result;
  }
  if (group.depth > 0) {
    add(communicator, call, stream);
    return ncclSuccess;
  }
  return launch_all({{communicator, stream, {call}}});
}

}  // namespace hockney::gpu_double

using namespace hockney::gpu_double;

extern "C" {

ncclResult_t ncclGroupStart() {
  ++group.depth;
  return ncclSuccess;
}

ncclResult_t ncclGroupEnd() {
  if (group.depth == 0) {
    return fail(ncclInvalidUsage, "ncclGroupEnd: not in a group call.");
  }
  if (--group.depth > 0) {
    return ncclSuccess;
  }
  auto queued = std::exchange(group.queued, {});
  const ncclResult_t error = std::exchange(group.error, ncclSuccess);
  return error != ncclSuccess ? error : launch_all(std::move(queued));
}

// NCCL 2.28 (group.cc, groupLaunchNonBlocking) simulates for blocking communicators only: with a non-blocking one it
// launches the calls and leaves the estimate untouched. So does this.
ncclResult_t ncclGroupSimulateEnd(ncclSimInfo_t* info) {
  if (info == nullptr || info->magic != 0x74685283) {
    return fail(ncclInvalidArgument, "ncclSimInfo_t argument not initialized via NCCL_SIM_INFO_INITIALIZER");
  }
  if (group.depth != 1 || !only_blocking()) {
    return ncclGroupEnd();
  }
  group.depth = 0;
  for (const Queued& queued : std::exchange(group.queued, {})) {
    for (const Call& call : queued.calls) {
      info->estimatedTime = estimated_microseconds(call.payload_bytes(queued.communicator->ranks()));
    }
  }
  return std::exchange(group.error, ncclSuccess);
}
}
