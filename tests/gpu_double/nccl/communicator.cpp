#include "communicator.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <unordered_map>

#include "debug_log.hpp"
#include "fault.hpp"
#include "interface.hpp"
#include "patience.hpp"

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

// Operations of this process that the fault concerns, counted as they run.
std::atomic<std::uint64_t> concerned{0};

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

struct Communicator::Launch {
  std::shared_ptr<Communicator> communicator;
  std::vector<Call> calls;
  bool counted = false;

  static void run(void* self) {
    auto& launch = *static_cast<Launch*>(self);
    launch.communicator->run(launch.calls);
    if (launch.counted) {
      launch.counted = false;
      launch.communicator->queued_.fetch_sub(1);
    }
  }
  static void release(void* self) { delete static_cast<Launch*>(self); }
};

ncclResult_t Communicator::launch(std::vector<Call> calls, cudaStream_t stream) {
  for (const Call& call : calls) {
    if (const ncclResult_t result = announce(call); result != ncclSuccess) {
      return result;
    }
  }
  cudaStreamCaptureStatus capture = cudaStreamCaptureStatusNone;
  cudaStreamIsCapturing(stream, &capture);
  auto* const launch = new Launch{shared_from_this(), std::move(calls), capture == cudaStreamCaptureStatusNone};
  queued_.fetch_add(launch->counted ? 1 : 0);
  bool captured = false;
  const cudaError_t code = hockney_double_enqueue(stream, Launch::run, launch, Launch::release, &captured);
  return code == cudaSuccess ? ncclSuccess : fail(ncclUnhandledCudaError, cudaGetErrorString(code));
}

void Communicator::announce_message(const Call& call, bool sends, int peer) {
  auto& logged = sends ? sends_logged_ : receives_logged_;
  if (peer != rank_ && !logged[static_cast<std::size_t>(peer)]) {
    logged[static_cast<std::size_t>(peer)] = true;
    log_connection(*segment_, sends ? rank_ : peer, sends ? peer : rank_, 1, rank_);
  }
  profiler_->message(call, sends, peer);
}

// NCCL builds these collectives from messages.
void Communicator::announce_messages(const Call& call) {
  for (int peer = 0; peer < ranks_; ++peer) {
    if (call.kind == Kind::all_to_all || (call.kind == Kind::gather ? peer == call.root : rank_ == call.root)) {
      announce_message(call, true, peer);
    }
    if (call.kind == Kind::all_to_all || (call.kind == Kind::gather ? rank_ == call.root : peer == call.root)) {
      announce_message(call, false, peer);
    }
  }
}

void Communicator::announce_collective(const Call& call) {
  if (!ring_logged_) {
    ring_logged_ = true;
    log_connection(*segment_, (rank_ + ranks_ - 1) % ranks_, rank_, 0, rank_);
    log_connection(*segment_, rank_, (rank_ + 1) % ranks_, 0, rank_);
  }
  const bool symmetric = is_symmetric(call);
  const Choice choice = symmetric ? symmetric_kernel(call.kind) : pins_->choose(call.kind, call.payload_bytes(ranks_));
  if (rank_ == 0) {
    symmetric ? log_symmetric(call, ranks_, choice) : log_choice(call, ranks_, choice);
  }
  profiler_->collective(call, choice);
}

ncclResult_t Communicator::announce(const Call& call) {
  if (ranks_ == 1) {
    return ncclSuccess;  // NCCL copies, without an algorithm
  }
  if (call.is_point_to_point()) {
    announce_message(call, call.kind == Kind::send, call.root);
  } else if (!has_algorithm(call.kind)) {
    announce_messages(call);
  } else {
    try {
      announce_collective(call);
    } catch (const std::invalid_argument& error) {
      return fail(ncclInvalidUsage, error.what());
    }
  }
  return ncclSuccess;
}

void Communicator::add_window(const void* handle, const void* data, std::size_t bytes) {
  windows_.push_back({handle, static_cast<const std::byte*>(data), bytes});
}

void Communicator::remove_window(const void* handle) {
  std::erase_if(windows_, [handle](const Window& window) { return window.handle == handle; });
}

bool Communicator::is_symmetric(const Call& call) const {
  const auto inside = [this](const std::byte* data) {
    return std::any_of(windows_.begin(), windows_.end(), [data](const Window& window) {
      return data >= window.data && data < window.data + window.bytes;
    });
  };
  const bool has_kernel = call.kind == Kind::all_gather ||
                          ((call.kind == Kind::all_reduce || call.kind == Kind::reduce_scatter) && call.op == ncclSum);
  return has_kernel && inside(call.send) && inside(call.receive);
}

void Communicator::run(const std::vector<Call>& calls) {
  const std::lock_guard one_at_a_time(running_);
  const Segment::GiveUp give_up = [this] { return is_aborted(); };
  std::vector<Call> messages;
  std::span<std::byte> received;
  for (const Call& call : calls) {
    if (call.is_point_to_point()) {
      messages.push_back(call);
      received = call.kind == Kind::receive ? result_of(call, rank_, ranks_) : received;
    } else if (!run_one(name_of(call.kind), result_of(call, rank_, ranks_),
                        [&] { return run_collective(call, *segment_, rank_, ranks_, scratch_, give_up); })) {
      return;
    }
  }
  if (!messages.empty()) {
    run_one(name_of(Kind::send), received, [&] { return run_point_to_point(messages, *segment_, rank_, give_up); });
  }
}

// One operation of the GPU, with the planted fault in it.
bool Communicator::run_one(std::string_view name, std::span<std::byte> result, const std::function<bool()>& body) {
  const Fault& planted = fault();
  const bool counts = planted.concerns(name, rank_);
  const std::uint64_t number = counts ? concerned.fetch_add(1) + 1 : 0;
  if (is_aborted()) {
    return false;
  }
  if (counts && number == planted.number) {
    if (planted.kind == Fault::Kind::die) {
      kill(getpid(), SIGKILL);
    }
    if (planted.kind == Fault::Kind::async_error) {
      set_state(fail(ncclRemoteError, "planted by HOCKNEY_DOUBLE_FAULT"));
      wait_for_abort();
    }
    if (planted.kind == Fault::Kind::kernel_never_ends) {
      wait_for_abort();
    }
  }
  try {
    if (is_aborted() || !body()) {
      return false;
    }
  } catch (const std::logic_error& error) {
    std::fprintf(stderr, "hockney test double: %s: %s\n", std::string(name).c_str(), error.what());
    set_state(fail(ncclInternalError, error.what()));
    wait_for_abort();
    return false;
  }
  if (counts && planted.kind == Fault::Kind::wrong_data && number >= planted.number && !result.empty()) {
    result[result.size() / 2] ^= std::byte{1};
  }
  return true;
}

void Communicator::wait_for_abort() {
  Patience patience;
  while (!is_aborted()) {
    patience.wait();
  }
}

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
