#include "transport/host_clock.hpp"

#include <algorithm>
#include <vector>

#include "record/statistics.hpp"

namespace hockney::transport {
namespace {

constexpr std::size_t readings = 1000;

}  // namespace

// The grid that the clock's values lie on. Two readings in a row differ by the cost of reading as well, so it is the
// increments among themselves that show the step: they are whole multiples of it.
Seconds measure_host_clock_step() {
  std::vector<double> increments(readings);
  for (double& increment : increments) {
    const double begin = host_clock_s();
    do {
      increment = host_clock_s() - begin;
    } while (increment == 0);
  }
  std::sort(increments.begin(), increments.end());
  constexpr double rounding_of_double = 1e-10;
  double step = increments.front();
  for (std::size_t i = 1; i < increments.size(); ++i) {
    const double difference = increments[i] - increments[i - 1];
    if (difference > rounding_of_double) {
      step = std::min(step, difference);
    }
  }
  return Seconds{step};
}

Seconds measure_host_clock_floor() {
  std::vector<double> differences(readings);
  for (double& difference : differences) {
    const double begin = host_clock_s();
    difference = host_clock_s() - begin;
  }
  return Seconds{median(differences)};
}

}  // namespace hockney::transport
