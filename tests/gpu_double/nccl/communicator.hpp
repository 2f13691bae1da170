#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <nccl.h>
#include <optional>
#include <string>
#include <vector>

#include "call.hpp"
#include "profiler.hpp"
#include "tuning.hpp"

namespace hockney::gpu_double {

/// What one rank knows of a communicator. Every NCCL call finds it by its handle and keeps it alive while it runs; so
/// do the workers of streams.
class Communicator : public std::enable_shared_from_this<Communicator> {
 public:
  Communicator(std::string name, int ranks, int rank, bool blocking);

  int rank() const { return rank_; }
  int ranks() const { return ranks_; }
  bool is_blocking() const { return blocking_; }
  int visible_device() const { return visible_device_; }
  ncclComm_t handle() { return reinterpret_cast<ncclComm_t>(this); }

  /// Meets the other ranks. Waits; returns what went wrong.
  ncclResult_t connect();
  /// Makes the communicator of the ranks that give the same colour; null with NCCL_SPLIT_NOCOLOR. Waits.
  ncclResult_t split(int colour, int key, bool blocking, std::shared_ptr<Communicator>& child);
  /// Waits until what was queued is done, and then for the other ranks.
  ncclResult_t leave();
  /// Waits until what was queued is done.
  void drain();
  /// The end of its use: the profiler plugin hears of it.
  void retire();
  /// Ends what runs and whatever is still queued.
  void abort();
  bool is_aborted() const { return aborted_.load(); }

  /// State as ncclCommGetAsyncError tells it. Deferred work of a non-blocking communicator begins with the first look:
  /// until then the stream has nothing of it, as can happen with NCCL's background thread.
  ncclResult_t look();
  ncclResult_t state() const { return state_.load(); }
  void set_state(ncclResult_t state) { state_.store(state); }
  /// Does it at once in a blocking communicator; else at the next look. Returns what the NCCL call returns.
  ncclResult_t perform(std::function<ncclResult_t()> work);

  /// Queues the calls of one group, as one operation of the stream, in order; sends and receives together at the end.
  ncclResult_t launch(std::vector<Call> calls, cudaStream_t stream);

  /// Collectives with both buffers in windows run as NCCL's symmetric kernels do.
  void add_window(const void* handle, const void* data, std::size_t bytes);
  void remove_window(const void* handle);

 private:
  struct Launch;
  struct Window {
    const void* handle;
    const std::byte* data;
    std::size_t bytes;
  };

  bool has_duplicate_device() const;
  int count_nodes() const;
  // What NCCL tells of a call when it is queued: debug lines and events of the profiler plugin.
  ncclResult_t announce(const Call& call, bool captured);
  void announce_collective(const Call& call, bool captured);
  void announce_messages(const Call& call);
  void announce_message(const Call& call, bool sends, int peer);
  bool is_symmetric(const Call& call) const;
  void run(const std::vector<Call>& calls);
  bool run_one(std::string_view name, std::span<std::byte> result, const std::function<bool()>& body);
  void wait_for_abort();

  const std::string name_;
  const int ranks_;
  const int rank_;
  const bool blocking_;
  int visible_device_ = 0;
  int physical_device_ = 0;
  std::optional<Segment> segment_;
  std::optional<Pins> pins_;
  std::optional<Profiler> profiler_;
  std::uint64_t splits_ = 0;
  bool ring_logged_ = false;
  std::vector<bool> sends_logged_;
  std::vector<bool> receives_logged_;
  std::vector<Window> windows_;

  std::atomic<ncclResult_t> state_{ncclSuccess};
  std::atomic<bool> aborted_{false};
  std::atomic<int> queued_{0};
  std::mutex deferred_mutex_;
  std::vector<std::function<ncclResult_t()>> deferred_;

  std::mutex running_;  ///< one operation at a time
  std::vector<std::byte> scratch_;
};

/// The communicators that exist; a handle that was destroyed is no longer found.
std::shared_ptr<Communicator> find_communicator(ncclComm_t handle);
ncclComm_t publish(std::shared_ptr<Communicator> communicator);
std::shared_ptr<Communicator> withdraw(ncclComm_t handle);

/// Remembers the text that ncclGetLastError gives, and passes the code on.
ncclResult_t fail(ncclResult_t code, const std::string& text);

}  // namespace hockney::gpu_double
