#include "nccl/communicator.hpp"

#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/error.hpp"
#include "nccl/error.hpp"

namespace hockney::nccl {
namespace {

ncclConfig_t blocking_config() {
  const char* blocking = std::getenv("NCCL_COMM_BLOCKING");
  if (blocking != nullptr && std::string_view(blocking) == "0") {
    throw InputError("NCCL_COMM_BLOCKING is 0; expected 1 or unset: NCCL must have queued an operation on return");
  }
  ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
  config.blocking = 1;
  return config;
}

ncclUniqueId shared_id(const mpi::Communicator& group) {
  std::string bytes(sizeof(ncclUniqueId), '\0');
  group.on_root([&] {
    ncclUniqueId id;
    check(ncclGetUniqueId(&id));
    std::memcpy(bytes.data(), &id, sizeof(id));
  });
  bytes = group.broadcast(bytes);
  ncclUniqueId id;
  std::memcpy(&id, bytes.data(), sizeof(id));
  return id;
}

}  // namespace

Communicator::Communicator(const mpi::Communicator& group, const Settings& settings)
    : rank_(static_cast<std::uint32_t>(group.rank())), size_(static_cast<std::uint32_t>(group.size())) {
  ncclConfig_t config = blocking_config();
  const ScopedSettings scoped(settings);
  const ncclUniqueId id = shared_id(group);
  ncclComm_t handle = nullptr;
  check(ncclCommInitRankConfig(&handle, group.size(), id, group.rank(), &config));
  handle_ = handle;
}

Communicator::~Communicator() { abort(); }

std::unique_ptr<Communicator> Communicator::split(int colour, int key, const Settings& settings) const {
  ncclConfig_t config = blocking_config();
  const ScopedSettings scoped(settings);
  ncclComm_t handle = nullptr;
  check(ncclCommSplit(get(), colour < 0 ? NCCL_SPLIT_NOCOLOR : colour, key, &handle, &config), get());
  if (handle == nullptr) {
    return nullptr;
  }
  std::unique_ptr<Communicator> part(new Communicator);
  part->handle_ = handle;
  part->read_shape();
  return part;
}

void Communicator::read_shape() {
  int rank = 0;
  int size = 0;
  check(ncclCommUserRank(get(), &rank), get());
  check(ncclCommCount(get(), &size), get());
  rank_ = static_cast<std::uint32_t>(rank);
  size_ = static_cast<std::uint32_t>(size);
}

void Communicator::poll() const {
  if (get() == nullptr) {
    throw Failure("the communicator was aborted");
  }
  ncclResult_t state = ncclSuccess;
  check(ncclCommGetAsyncError(get(), &state), get());
  check(state, get());
}

void Communicator::finish() {
  check(ncclCommFinalize(get()), get());
  if (ncclComm_t handle = handle_.exchange(nullptr)) {
    check(ncclCommDestroy(handle));
  }
}

void Communicator::abort() noexcept {
  if (ncclComm_t handle = handle_.exchange(nullptr)) {
    ncclCommAbort(handle);
  }
}

OperationGroup::OperationGroup() { check(ncclGroupStart()); }

OperationGroup::~OperationGroup() {
  if (open_) {
    ncclGroupEnd();
  }
}

void OperationGroup::end(const Communicator& communicator) {
  open_ = false;
  check(ncclGroupEnd(), communicator);
}

Seconds estimate(const Communicator& communicator, const std::function<void()>& queue) {
  ncclSimInfo_t estimate = NCCL_SIM_INFO_INITIALIZER;
  check(ncclGroupStart());
  try {
    queue();
  } catch (...) {
    ncclGroupSimulateEnd(&estimate);
    throw;
  }
  check(ncclGroupSimulateEnd(&estimate), communicator);
  return estimate.estimatedTime > 0 ? Seconds(static_cast<double>(estimate.estimatedTime) * 1e-6) : Seconds(0);
}

}  // namespace hockney::nccl
