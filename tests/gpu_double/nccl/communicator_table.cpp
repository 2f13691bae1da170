#include <mutex>
#include <unordered_map>

#include "communicator.hpp"

namespace hockney::gpu_double {
namespace {

struct Table {
  std::mutex mutex;
  std::unordered_map<ncclComm_t, std::shared_ptr<Communicator>> by_handle;
};

Table& table() {
  static Table& all = *new Table;
  return all;
}

}  // namespace

std::shared_ptr<Communicator> find_communicator(ncclComm_t handle) {
  Table& all = table();
  const std::lock_guard lock(all.mutex);
  const auto found = all.by_handle.find(handle);
  return found == all.by_handle.end() ? nullptr : found->second;
}

ncclComm_t publish(std::shared_ptr<Communicator> communicator) {
  Table& all = table();
  const std::lock_guard lock(all.mutex);
  const ncclComm_t handle = communicator->handle();
  all.by_handle.emplace(handle, std::move(communicator));
  return handle;
}

std::shared_ptr<Communicator> withdraw(ncclComm_t handle) {
  Table& all = table();
  const std::lock_guard lock(all.mutex);
  const auto found = all.by_handle.find(handle);
  if (found == all.by_handle.end()) {
    return nullptr;
  }
  auto communicator = std::move(found->second);
  all.by_handle.erase(found);
  return communicator;
}

}  // namespace hockney::gpu_double
