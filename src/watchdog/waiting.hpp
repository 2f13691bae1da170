#pragma once

#include "watchdog/watchdog.hpp"

namespace hockney::watchdog {

/// For its scope the main thread may be blocked by `what` (a literal: "its GPU"); then it is at its own work again.
class Waiting {
 public:
  Waiting(Watchdog& watchdog, const char* what) : watchdog_(watchdog) { watchdog_.waits_for(what); }
  ~Waiting() { watchdog_.waits_for("its own work"); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  Watchdog& watchdog_;
};

/// The same, blocked by ranks that MPI waits for.
class WaitingForRanks : public Waiting {
 public:
  explicit WaitingForRanks(Watchdog& watchdog) : Waiting(watchdog, "the other ranks (MPI)") {}
};

}  // namespace hockney::watchdog
