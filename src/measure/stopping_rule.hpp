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
  /// `warm_up`: what the point's warm-up took.
  StoppingRule(const Sampling& sampling, Bytes payload, double clock_step_s, Seconds warm_up);

  /// `times`: completion times so far, s, in the order of measuring; `spent`: wall time since sampling began.
  /// Nothing: go on. `interval` needs min_samples and a half width of the corrected 95 % interval of the median of at
  /// most the tolerance; `samples` and `time` are the caps.
  ///
  /// In a campaign of several launches (Sampling::launch_share > 0), the tolerance is multiplied by sqrt(spent/o), with
  /// o = launch_share + warm_up: of n samples at c seconds, standard deviation S, in each of many launches that differ
  /// by L (the tolerance, as a standard deviation) and take o before their first sample, the mean is surest per second
  /// at n = S/L sqrt(o/c) (Kalibera & Jones 2013: docs/measuring.md), which is where S/sqrt(n) comes down to
  /// L sqrt(n c/o). After o it is `interval` in any case: another launch would be there by then.
  std::optional<StopReason> verdict(std::span<const double> times, Seconds spent) const;

  /// Samples to take next: min_samples at first, then max(10, n/4), never beyond max_samples, and no more than the
  /// time that is left allows at the pace so far (at least 1).
  std::uint32_t next_batch(std::size_t taken, Seconds spent) const;

 private:
  Sampling sampling_;
  double tolerance_;
  double clock_step_s_;
  Seconds overhead_;  ///< before the first sample, of one more launch; 0 s: there is one only
};

/// Whether warm-up reached a steady state: the median of the last 10 samples lies within 2 % of that of the 10 before
/// (docs/measuring.md, Warm-up). False with fewer than 20.
bool is_steady(std::span<const double> times);

/// Whether the last third of the samples differs from the first by over 5 % in the median, and by more than noise: the
/// 95 % intervals of the two medians do not meet. False with fewer than 30 samples.
bool is_drifting(std::span<const double> times);

}  // namespace hockney::measure
