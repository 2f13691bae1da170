#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "base/seconds.hpp"

namespace hockney::watchdog {

/// Ends a launch that hangs: an operation that never completes, a rank that died while others wait for it. Each rank
/// has one. A thread of its own watches the time since begin(); when the limit has passed, it prints which rank on
/// which host is in which point and what it waits for, calls `give_up` (aborts communicators), waits for the other
/// ranks' lines to come out, and then calls `end_all`, which must not return (MPI_Abort, and _exit where that returns).
/// All of it ends within twice the limit. What was measured before is in the file already.
class Watchdog {
 public:
  /// The steps of the end; functions so that the policy can be tested without ending anything.
  struct Actions {
    std::function<void(const std::string& line)> print;  ///< one line, without newline; thread-safe
    std::function<void()> give_up;  ///< called on a thread of its own while the main thread is blocked; may block
    std::function<void()> end_all;
  };

  /// `who`: "rank 3 on node-b, GPU-1234". A limit of 0 s watches nothing.
  Watchdog(Seconds limit, std::string who, Actions actions);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// The clock starts for one point (or for "connecting", before the first). Replaces the running one.
  void begin(std::string point);
  /// The clock stops; nothing is watched until the next begin().
  void end();
  /// What the main thread is about to wait for, e.g. "its GPU", "the other ranks (MPI)". A literal: only the pointer is
  /// kept. Cheap: one atomic store.
  void waits_for(const char* what) { waits_for_.store(what, std::memory_order_relaxed); }

  /// How long to wait between give_up and end_all, so that every rank's line comes out: a quarter of the limit, at most
  /// 5 s.
  static Seconds grace(Seconds limit);

 private:
  void watch();
  void expire(const std::string& point);

  const Seconds limit_;
  const std::string who_;
  const Actions actions_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string point_;             ///< empty: nothing is watched
  std::uint64_t generation_ = 0;  ///< counts begin() and end()
  bool closing_ = false;
  std::atomic<const char*> waits_for_{"nothing"};
  std::thread thread_;
};

}  // namespace hockney::watchdog
