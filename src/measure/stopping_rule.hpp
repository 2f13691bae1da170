#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "plan/plan.hpp"
#include "record/measurement.hpp"

namespace hockney::measure {

/// Decides after every batch whether a point has enough samples (docs/measuring.md). Pure: rank 0 asks it and
/// broadcasts the answer.
class StoppingRule {
 public:
  StoppingRule(const Sampling& sampling, Bytes payload, double clock_step_s);

  /// `times`: completion times so far, s, in the order of measuring; `spent`: wall time since sampling began.
  /// Nothing: go on. `interval` needs min_samples and a half width of the corrected 95 % interval of the median of at
  /// most the tolerance; `samples` and `time` are the caps.
  std::optional<StopReason> verdict(std::span<const double> times, Seconds spent) const;

  /// Samples to take next: min_samples at first, then max(10, n/4), never beyond max_samples, and no more than the
  /// time that is left allows at the pace so far (at least 1).
  std::uint32_t next_batch(std::size_t taken, Seconds spent) const;

 private:
  Sampling sampling_;
  double tolerance_;
  double clock_step_s_;
};

/// Whether warm-up reached a steady state: the median of the last 10 samples lies within 2 % of that of the 10 before
/// (docs/measuring.md, Warm-up). False with fewer than 20.
bool is_steady(std::span<const double> times);

/// Whether the last third of the samples differs from the first by over 5 % in the median, and by more than noise: the
/// 95 % intervals of the two medians do not meet. False with fewer than 30 samples.
bool is_drifting(std::span<const double> times);

}  // namespace hockney::measure
