#pragma once

#include <string>

#include "mpi/communicator.hpp"
#include "plan/plan.hpp"
#include "record/measured.hpp"
#include "transport/transport.hpp"
#include "watchdog/watchdog.hpp"

namespace hockney::bench {

/// Measures points: joins the ranks of one, prepares its experiment, takes the samples. The references must outlive it.
class PointRunner {
 public:
  /// `host`: of this rank, for messages.
  PointRunner(const mpi::Communicator& world, transport::Transport& transport, watchdog::Watchdog& watchdog,
              std::string host)
      : world_(world), transport_(transport), watchdog_(watchdog), host_(std::move(host)) {}

  /// The result of a point, complete on rank 0 of the world as sample_point() says of the group's, which may be another
  /// rank; with the transport's flags, and of the given point and pass. Collective over the world.
  /// Throws CannotRun on every rank when the library of any rank refuses, after Transport::forget(); mpi::AgreedError
  /// for what else goes wrong before the first sample. What fails on one rank while it samples is its own Failure; the
  /// transport is then aborted.
  Measured measure(const Case& point, std::uint64_t point_id, std::uint32_t pass, const Sampling& sampling);

 private:
  Measured join_and_sample(const Case& point, const Sampling& sampling);
  Measured sample(transport::Link& link, transport::Trial* trial, const Case& point, const Sampling& sampling);
  Measured on_world_root(Measured measured, bool is_root_of_group, const Case& point) const;

  const mpi::Communicator& world_;
  transport::Transport& transport_;
  watchdog::Watchdog& watchdog_;
  std::string host_;
};

}  // namespace hockney::bench
