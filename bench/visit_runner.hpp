#pragma once

#include <cstdint>
#include <string>

#include "machine.hpp"
#include "point_runner.hpp"
#include "recorder.hpp"

namespace hockney::bench {

/// One visit after the other, from the first connection to its rows. The references must outlive it.
class VisitRunner {
 public:
  VisitRunner(Machine& machine, Recorder& recorder)
      : machine_(machine),
        recorder_(recorder),
        points_(machine.world(), machine.transport(), machine.watchdog(), machine.host()) {}

  /// What a visit came to, the same kind on every rank.
  struct Visited {
    Measured measured{};         ///< complete on rank 0
    std::string not_measured{};  ///< why not; empty: it was
  };

  /// Visits a point. After a request to stop, on any rank, none is visited any more: they are left for --resume.
  /// Collective.
  Visited run(const Case& point, std::uint64_t point_id, std::uint32_t pass, const Sampling& sampling);

  bool is_stopped() const { return is_stopped_; }

 private:
  Machine& machine_;
  Recorder& recorder_;
  PointRunner points_;
  bool measures_steps_ = false;  ///< the last visit was one of a step
  bool is_stopped_ = false;      ///< the same on every rank
};

}  // namespace hockney::bench
