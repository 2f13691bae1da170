#include "communicator.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <set>
#include <stdexcept>
#include <unistd.h>

#include "debug_log.hpp"
#include "interface.hpp"
#include "patience.hpp"

namespace hockney::gpu_double {
namespace {

RankInfo info_of_this_process(int device) {
  RankInfo info;
  info.device = device;
  const char* chosen = std::getenv("NCCL_HOSTID");
  if (chosen != nullptr) {
    std::strncpy(info.host.data(), chosen, info.host.size() - 1);
  } else {
    gethostname(info.host.data(), info.host.size() - 1);
  }
  return info;
}

}  // namespace

Communicator::Communicator(std::string name, int ranks, int rank, bool blocking)
    : name_(std::move(name)),
      ranks_(ranks),
      rank_(rank),
      blocking_(blocking),
      physical_device_(hockney_double_physical_device()),
      sends_logged_(static_cast<std::size_t>(ranks)),
      receives_logged_(static_cast<std::size_t>(ranks)) {
  cudaGetDevice(&visible_device_);
}

ncclResult_t Communicator::connect() {
  try {
    segment_.emplace(name_, ranks_, rank_);
    if (!segment_->meet(info_of_this_process(physical_device_), [this] { return is_aborted(); })) {
      return ncclInternalError;
    }
  } catch (const std::runtime_error& error) {
    return fail(ncclSystemError, error.what());
  }
  if (has_duplicate_device()) {
    return fail(ncclInvalidUsage, "Duplicate GPU detected : two ranks on one CUDA device");
  }
  try {
    pins_.emplace();  // last, as NCCL does: the environment must hold until the communicator has settled
  } catch (const std::invalid_argument& error) {
    return fail(ncclInvalidUsage, error.what());
  }
  log_line(Subsystem::init, "ncclCommInitRankConfig comm rank " + std::to_string(rank_) + " nranks " +
                                std::to_string(ranks_) + " - Init COMPLETE");
  profiler_.emplace(Profiled{std::hash<std::string>{}(name_), count_nodes(), ranks_, rank_});
  return ncclSuccess;
}

bool Communicator::has_duplicate_device() const {
  for (int peer = 0; peer < ranks_; ++peer) {
    const RankInfo& mine = segment_->info(rank_);
    const RankInfo& theirs = segment_->info(peer);
    if (peer != rank_ && mine.host == theirs.host && mine.device == theirs.device) {
      return true;
    }
  }
  return false;
}

int Communicator::count_nodes() const {
  std::set<std::array<char, 64>> hosts;
  for (int peer = 0; peer < ranks_; ++peer) {
    hosts.insert(segment_->info(peer).host);
  }
  return static_cast<int>(hosts.size());
}

ncclResult_t Communicator::split(int colour, int key, bool blocking, std::shared_ptr<Communicator>& child) {
  const std::uint64_t number = ++splits_;
  const auto choices = segment_->exchange_choices(number, {colour, key}, [this] { return is_aborted(); });
  if (choices.empty()) {
    return ncclInternalError;
  }
  if (colour == NCCL_SPLIT_NOCOLOR) {
    return ncclSuccess;
  }
  std::vector<std::pair<int, int>> members;  // key, rank
  for (int peer = 0; peer < ranks_; ++peer) {
    const SplitChoice choice = choices[static_cast<std::size_t>(peer)];
    if (choice.colour == colour) {
      members.emplace_back(choice.key, peer);
    }
  }
  std::sort(members.begin(), members.end());
  const auto mine = std::find(members.begin(), members.end(), std::pair(key, rank_));
  const std::string name = name_ + "-" + std::to_string(number) + "-" + std::to_string(colour);
  child = std::make_shared<Communicator>(name, static_cast<int>(members.size()),
                                         static_cast<int>(mine - members.begin()), blocking);
  return child->connect();
}

void Communicator::drain() {
  Patience patience;
  while (queued_.load() > 0 && !is_aborted()) {
    patience.wait();
  }
}

ncclResult_t Communicator::leave() {
  drain();
  return segment_->leave_together([this] { return is_aborted(); }) ? ncclSuccess : ncclInternalError;
}

void Communicator::retire() { profiler_.reset(); }

void Communicator::abort() {
  aborted_.store(true);
  {
    const std::lock_guard lock(deferred_mutex_);
    deferred_.clear();
  }
  const std::lock_guard wait_for_the_running_operation(running_);
}

ncclResult_t Communicator::look() {
  std::vector<std::function<ncclResult_t()>> work;
  {
    const std::lock_guard lock(deferred_mutex_);
    work = std::exchange(deferred_, {});
  }
  if (work.empty()) {
    return state();
  }
  ncclResult_t result = ncclSuccess;
  for (const auto& step : work) {
    result = std::max(result, step());
  }
  ncclResult_t expected = ncclInProgress;
  state_.compare_exchange_strong(expected, result);
  return ncclInProgress;
}

ncclResult_t Communicator::perform(std::function<ncclResult_t()> work) {
  if (is_blocking()) {
    return work();
  }
  const std::lock_guard lock(deferred_mutex_);
  deferred_.push_back(std::move(work));
  set_state(ncclInProgress);
  return ncclInProgress;
}

}  // namespace hockney::gpu_double
