#include <array>
#include <chrono>
#include <climits>
#include <cstdio>
#include <cstring>
#include <thread>
#include <unistd.h>

#include "group.hpp"

// The beginning and the end of communicators.
namespace hockney::gpu_double {
namespace {

bool is_blocking(const ncclConfig_t* config, bool otherwise) {
  return config == nullptr || config->blocking == NCCL_CONFIG_UNDEF_INT ? otherwise : config->blocking != 0;
}

// As NCCL's own thread of a non-blocking communicator does it.
void in_background(const std::shared_ptr<Communicator>& communicator, std::function<ncclResult_t()> work) {
  communicator->set_state(ncclInProgress);
  std::thread([communicator, work = std::move(work)] {
    cudaSetDevice(communicator->visible_device());
    communicator->set_state(work());
  }).detach();
}

ncclResult_t initialise(ncclComm_t* result, int ranks, const ncclUniqueId& id, int rank, const ncclConfig_t* config) {
  if (ranks < 1 || ranks > Segment::most_ranks || rank < 0 || rank >= ranks) {
    return fail(ncclInvalidArgument, "Invalid rank requested : " + std::to_string(rank) + "/" + std::to_string(ranks));
  }
  int device = 0;
  if (cudaGetDevice(&device) != cudaSuccess) {
    return fail(ncclUnhandledCudaError, "no CUDA device");
  }
  const bool blocking = is_blocking(config, true);
  auto communicator = std::make_shared<Communicator>(std::string(id.internal), ranks, rank, blocking);
  *result = publish(communicator);
  if (!blocking) {
    in_background(communicator, [communicator] { return communicator->connect(); });
    return ncclInProgress;
  }
  const ncclResult_t connected = communicator->connect();
  if (connected != ncclSuccess) {
    withdraw(*result);
    *result = nullptr;
  }
  return connected;
}

// In a non-blocking communicator the new one's handle appears only when the parent has settled, as in NCCL.
ncclResult_t split(const std::shared_ptr<Communicator>& parent, int colour, int key, bool blocking,
                   ncclComm_t* result) {
  std::shared_ptr<Communicator> child;
  const ncclResult_t code = parent->split(colour, key, blocking, child);
  if (code == ncclSuccess && child) {
    __atomic_store_n(result, publish(child), __ATOMIC_RELEASE);
  }
  return code;
}

}  // namespace
}  // namespace hockney::gpu_double

using namespace hockney::gpu_double;

extern "C" {

ncclResult_t ncclGetUniqueId(ncclUniqueId* id) {
  static std::atomic<int> counter{0};
  std::memset(id, 0, sizeof *id);
  std::snprintf(id->internal, sizeof id->internal, "/hockney-double-%d-%d-%lld", getpid(), counter.fetch_add(1),
                static_cast<long long>(std::chrono::system_clock::now().time_since_epoch().count()));
  return ncclSuccess;
}

ncclResult_t ncclCommInitRankConfig(ncclComm_t* result, int ranks, ncclUniqueId id, int rank, ncclConfig_t* config) {
  return initialise(result, ranks, id, rank, config);
}

ncclResult_t ncclCommInitRank(ncclComm_t* result, int ranks, ncclUniqueId id, int rank) {
  return initialise(result, ranks, id, rank, nullptr);
}

ncclResult_t ncclCommSplit(ncclComm_t handle, int colour, int key, ncclComm_t* result, ncclConfig_t* config) {
  *result = nullptr;
  ncclResult_t code = ncclSuccess;
  const auto parent = ready_communicator(handle, code);
  if (!parent) {
    return code;
  }
  const bool blocking = is_blocking(config, parent->is_blocking());
  if (parent->is_blocking()) {
    return split(parent, colour, key, blocking, result);
  }
  in_background(parent, [=] { return split(parent, colour, key, blocking, result); });
  return ncclInProgress;
}

ncclResult_t ncclCommFinalize(ncclComm_t handle) {
  ncclResult_t code = ncclSuccess;
  const auto communicator = ready_communicator(handle, code);
  if (!communicator) {
    return code;
  }
  if (communicator->is_blocking()) {
    return communicator->leave();
  }
  in_background(communicator, [communicator] { return communicator->leave(); });
  return ncclInProgress;
}

ncclResult_t ncclCommDestroy(ncclComm_t handle) {
  ncclResult_t code = ncclSuccess;
  const auto communicator = ready_communicator(handle, code);
  if (!communicator) {
    return code;
  }
  communicator->drain();
  communicator->retire();
  withdraw(handle);
  return ncclSuccess;
}

ncclResult_t ncclCommAbort(ncclComm_t handle) {
  const auto communicator = withdraw(handle);
  if (!communicator) {
    return fail(ncclInvalidArgument, "comm argument is no communicator");
  }
  communicator->abort();
  return ncclSuccess;
}

ncclResult_t ncclCommGetAsyncError(ncclComm_t handle, ncclResult_t* state) {
  const auto communicator = find_communicator(handle);
  if (!communicator) {
    return fail(ncclInvalidArgument, "comm argument is no communicator");
  }
  *state = communicator->look();
  return ncclSuccess;
}
}
