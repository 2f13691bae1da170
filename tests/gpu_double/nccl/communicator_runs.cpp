#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <unistd.h>

#include "communicator.hpp"
#include "fault.hpp"
#include "held.hpp"
#include "interface.hpp"
#include "patience.hpp"

// How a communicator's calls get onto a stream, and what its worker then does, with the planted fault in it.
namespace hockney::gpu_double {
namespace {

// Operations of this process that the fault concerns, counted as they run.
std::atomic<std::uint64_t> concerned{0};

}  // namespace

struct Communicator::Launch {
  std::shared_ptr<Communicator> communicator;
  std::vector<Call> calls;
  bool captured = false;
  bool counted = false;

  Launch(std::shared_ptr<Communicator> of, std::vector<Call> made, bool is_captured)
      : communicator(std::move(of)), calls(std::move(made)), captured(is_captured), counted(!is_captured) {
    if (captured) {
      hold(calls);
    }
  }
  Launch(const Launch&) = delete;
  Launch& operator=(const Launch&) = delete;
  ~Launch() {
    if (captured) {
      let_go(calls);
    }
  }

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
  cudaStreamCaptureStatus capture = cudaStreamCaptureStatusNone;
  cudaStreamIsCapturing(stream, &capture);
  const bool is_captured = capture != cudaStreamCaptureStatusNone;
  for (const Call& call : calls) {
    if (const ncclResult_t result = announce(call, is_captured); result != ncclSuccess) {
      return result;
    }
  }
  auto* const launch = new Launch(shared_from_this(), std::move(calls), is_captured);
  queued_.fetch_add(launch->counted ? 1 : 0);
  bool captured = false;
  const cudaError_t code = hockney_double_enqueue(stream, Launch::run, launch, Launch::release, &captured);
  return code == cudaSuccess ? ncclSuccess : fail(ncclUnhandledCudaError, cudaGetErrorString(code));
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

}  // namespace hockney::gpu_double
