#include "views/interval_text.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

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

}  // namespace hockney::views
