#pragma once

#include <time.h>

#include "base/seconds.hpp"

namespace hockney::transport {

/// CLOCK_MONOTONIC_RAW, s. Inline: it is what is read next to the timed operations.
inline double host_clock_s() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_RAW, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Smallest non-zero step of host_clock_s().
Seconds measure_host_clock_step();

/// Median difference of two readings of host_clock_s() with nothing between.
Seconds measure_host_clock_floor();

}  // namespace hockney::transport
