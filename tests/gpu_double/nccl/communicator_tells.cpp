#include <algorithm>
#include <stdexcept>

#include "communicator.hpp"
#include "debug_log.hpp"

// What a communicator tells about the calls that it gets.
namespace hockney::gpu_double {

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

void Communicator::announce_collective(const Call& call, bool captured) {
  if (!ring_logged_) {
    ring_logged_ = true;
    log_connection(*segment_, (rank_ + ranks_ - 1) % ranks_, rank_, 0, rank_);
    log_connection(*segment_, rank_, (rank_ + 1) % ranks_, 0, rank_);
  }
  if (is_symmetric(call)) {  // no version tells the profiler
    if (rank_ == 0) {
      log_symmetric(call, ranks_);
    }
    return;
  }
  Choice choice = pins_->choose(call.kind, call.payload_bytes(ranks_));
  choice.channels = captured ? channels_when_captured : choice.channels;
  if (rank_ == 0) {
    log_choice(call, ranks_, choice);
  }
  profiler_->collective(call, choice);
}

ncclResult_t Communicator::announce(const Call& call, bool captured) {
  if (ranks_ == 1) {
    return ncclSuccess;  // NCCL copies, without an algorithm
  }
  if (call.is_point_to_point()) {
    announce_message(call, call.kind == Kind::send, call.root);
  } else if (!has_algorithm(call.kind)) {
    announce_messages(call);
  } else {
    try {
      announce_collective(call, captured);
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

}  // namespace hockney::gpu_double
