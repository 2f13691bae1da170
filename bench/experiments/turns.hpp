#pragma once

#include <cstdint>
#include <vector>

#include "plan/case.hpp"

namespace hockney::bench::experiments {

/// Which of a trial's sets of buffers the next operation takes, and which sets hold something.
///
/// The turn goes on from sample to sample, so that with enough sets no operation finds its buffers in the cache. In
/// Mode::graph every run begins with the first set instead: a run that was captured is replayed, on the same buffers,
/// without the trial being told.
class Turns {
 public:
  Turns(std::uint32_t sets, Mode mode) : is_replayed_(mode == Mode::graph), written_(sets, true), used_(sets, false) {}

  std::uint32_t sets() const { return static_cast<std::uint32_t>(used_.size()); }

  void begin_run();
  /// The set of the next operation.
  std::size_t next();

  /// Sets that operations wrote, or may have, since reset(); at first, all.
  std::vector<std::size_t> written() const { return set_in(written_); }
  /// The written sets were restored or poisoned.
  void reset();

  /// Sets that should hold results: those used since reset(); when none was, the one whose turn it is, which cannot
  /// hold one.
  std::vector<std::size_t> used() const;

 private:
  static std::vector<std::size_t> set_in(const std::vector<bool>& marks);

  bool is_replayed_;
  std::size_t turn_ = 0;
  std::vector<bool> written_;
  std::vector<bool> used_;
};

}  // namespace hockney::bench::experiments
