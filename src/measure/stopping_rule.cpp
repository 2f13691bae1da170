#include "measure/stopping_rule.hpp"

#include <algorithm>
#include <cmath>

namespace hockney::measure {

StoppingRule::StoppingRule(const Sampling& sampling, Bytes payload, double clock_step_s, Seconds warm_up)
    : sampling_(sampling),
      tolerance_(sampling.tolerance(payload)),
      clock_step_s_(clock_step_s),
      overhead_(sampling.launch_share.count() > 0 ? sampling.launch_share + warm_up : Seconds{0}) {}

std::optional<StopReason> StoppingRule::verdict(std::span<const double> times, Seconds spent) const {
  if (times.size() >= sampling_.min_samples) {
    const Interval interval = median_interval_of_visit(times, clock_step_s_);
    const bool is_one_of_several = overhead_.count() > 0;
    const double tolerance = tolerance_ * (is_one_of_several ? std::sqrt(spent / overhead_) : 1);
    if ((interval.high - interval.low) / 2 <= tolerance * median(times) || (is_one_of_several && spent >= overhead_)) {
      return StopReason::interval;
    }
  }
  if (times.size() >= sampling_.max_samples) {
    return StopReason::samples;
  }
  // below six samples there is no 95 % interval of a median: worth some patience, not any
  constexpr std::size_t least_for_interval = 6;
  constexpr double patience = 4;
  if ((times.size() >= least_for_interval && spent >= sampling_.max_seconds) ||
      (!times.empty() && spent >= patience * sampling_.max_seconds)) {
    return StopReason::time;
  }
  return std::nullopt;
}

std::uint32_t StoppingRule::next_batch(std::size_t taken, Seconds spent) const {
  // the first batch is a probe of the pace, so that a slow point cannot overrun its time in one batch
  constexpr std::uint32_t probe = 6;
  const auto n = static_cast<std::uint32_t>(taken);
  std::uint32_t wanted = std::max<std::uint32_t>(10, n / 4);
  if (n < sampling_.min_samples) {
    wanted = n == 0 ? std::min(probe, sampling_.min_samples) : sampling_.min_samples - n;
  }
  wanted = std::min(wanted, sampling_.max_samples - std::min(n, sampling_.max_samples));
  if (n > 0 && spent.count() > 0) {
    const double pace = static_cast<double>(n) / spent.count();
    const double affordable = std::ceil((sampling_.max_seconds - spent).count() * pace);
    wanted = std::min(wanted, static_cast<std::uint32_t>(std::clamp(affordable, 1.0, 1e6)));
  }
  return std::max<std::uint32_t>(1, wanted);
}

bool is_steady(std::span<const double> times) {
  constexpr std::size_t window = 10;
  constexpr double tolerance = 0.02;
  if (times.size() < 2 * window) {
    return false;
  }
  const double last = median(times.last(window));
  const double before = median(times.last(2 * window).first(window));
  return std::abs(last - before) <= tolerance * before;
}

bool is_drifting(std::span<const double> times) {
  constexpr std::size_t least = 10;
  constexpr double tolerance = 0.05;
  const std::size_t third = times.size() / 3;
  if (third < least) {
    return false;
  }
  const auto first = times.first(third);
  const auto last = times.last(third);
  const Interval before = median_interval_of_visit(first, 0);
  const Interval after = median_interval_of_visit(last, 0);
  const bool beyond_noise = before.high < after.low || after.high < before.low;
  return beyond_noise && std::abs(median(last) / median(first) - 1) > tolerance;
}

}  // namespace hockney::measure
