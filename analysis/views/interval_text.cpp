#include "views/interval_text.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "base/number.hpp"

namespace hockney::views {
namespace {

int magnitude_of(double value) { return static_cast<int>(std::floor(std::log10(value))); }

// Rounds to a multiple of 10^-decimals and prints it, also for negative `decimals`.
std::string rounded(double value, int decimals) {
  if (!std::isfinite(value)) {
    return "unbounded";
  }
  if (decimals >= 0) {
    return fmt::format("{:.{}f}", value, decimals);
  }
  const double unit = std::pow(10.0, -decimals);
  return fmt::format("{:.0f}", std::round(value / unit) * unit);
}

}  // namespace

IntervalText interval_text(double value, Interval interval) {
  constexpr int digits_without_width = 4;
  constexpr double two_digits_below = 3.55;
  const double half = (interval.high - interval.low) / 2;
  int decimals = 0;
  if (half > 0 && std::isfinite(half)) {
    const int magnitude = magnitude_of(half);
    decimals = (half / std::pow(10.0, magnitude) < two_digits_below ? 1 : 0) - magnitude;
  } else if (value > 0 && std::isfinite(value)) {
    decimals = (half > 0 ? 1 : digits_without_width) - 1 - magnitude_of(value);
  }
  if (value > 0 && std::isfinite(value)) {
    decimals = std::clamp(decimals, -magnitude_of(value), digits_without_width - magnitude_of(value));
  }
  const std::string low = rounded(interval.low, decimals);
  const std::string high = rounded(interval.high, decimals);
  return {rounded(value, decimals), fmt::format("{} .. {}", low, high)};
}

IntervalText alpha_text(const cost::AlphaBeta& segment) {
  constexpr double per_micro = 1e6;
  const Interval alpha = segment.alpha_interval_s;
  if (segment.alpha_s == 0 && alpha.high == 0) {
    return {"0", "held at 0"};
  }
  return interval_text(segment.alpha_s * per_micro, {alpha.low * per_micro, alpha.high * per_micro});
}

IntervalText rate_text(const cost::AlphaBeta& segment) {
  constexpr double per_giga = 1e-9;
  const Interval beta = segment.beta_interval_s_per_byte;
  if (segment.beta_s_per_byte > 0) {
    return interval_text(per_giga / segment.beta_s_per_byte, {per_giga / beta.high, per_giga / beta.low});
  }
  return {"-", beta.high > 0 ? fmt::format("above {}", significant(per_giga / beta.high)) : "beta held at 0"};
}

std::string basis_text(const cost::CostCurve& curve) {
  switch (curve.basis) {
    case cost::IntervalBasis::launches:
      return fmt::format("95 % Student t over {} launches", curve.launches);
    case cost::IntervalBasis::within_launch:
      return fmt::format("within-launch only ({}): launch-to-launch variation is not in it",
                         curve.launches == 1 ? "1 launch" : fmt::format("{} launches", curve.launches));
    case cost::IntervalBasis::assumed_noise:
      return "assumed noise of 3 % per point: single numbers of a log, or fewer than 6 samples a point";
    case cost::IntervalBasis::line_rate:
      return "stated rates; nothing was measured";
  }
  return {};
}

}  // namespace hockney::views
