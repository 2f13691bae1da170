// How often does a point's 95 % interval hold the true median? An interval that is looked at after every batch until it
// is narrow enough may hold it less often than one after a fixed number of samples: here is by how much. Scripted
// machine, so the truth is known.
// Usage: interval_coverage [points, 1000]
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>

#include "measure/sampler.hpp"
#include "transport/scripted/scripted_transport.hpp"

namespace {

using namespace hockney;

struct Coverage {
  double share = 0;    ///< of points whose interval holds the truth
  double samples = 0;  ///< mean
};

Coverage coverage(double noise, const Sampling& sampling, unsigned long points) {
  transport::ScriptedMachine machine;
  machine.noise = noise;
  machine.ranks = 2;
  machine.ranks_per_node = 2;
  const auto transport = transport::make_scripted_transport(machine, 1);
  Case point;
  point.payload = mebibytes(1);
  const double truth = (machine.segments[0].alpha + machine.segments[0].beta * point.payload).count();
  Coverage result;
  for (unsigned long i = 0; i < points; ++i) {
    const auto link = transport->join(point);
    const Summary summary = measure::sample_point(*link, nullptr, point, sampling).summary;
    const Interval& interval = summary.median_interval_s;
    result.share += interval.low <= truth && truth <= interval.high ? 1 : 0;
    result.samples += static_cast<double>(summary.samples);
  }
  const auto count = static_cast<double>(points);
  return {result.share / count, result.samples / count};
}

}  // namespace

int main(int argc, char** argv) {
  const unsigned long points = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1000;
  fmt::print("SIMULATED: {} points, tolerance 1 %; coverage of the 95 % interval\n", points);
  fmt::print("{:>8} {:>12} {:>14} {:>10} {:>16}\n", "noise %", "least samples", "when it stops", "samples",
             "the same fixed");
  for (const std::uint32_t least : {20U, 50U}) {
    for (const double noise : {0.01, 0.02, 0.05, 0.1}) {
      const Sampling looked{.min_samples = least, .max_samples = 2000, .max_seconds = Seconds{60}};
      const Coverage stopped = coverage(noise, looked, points);
      const auto count = static_cast<std::uint32_t>(stopped.samples);
      const Sampling fixed{
          .tolerance_large = 0, .min_samples = count, .max_samples = count, .max_seconds = Seconds{60}};
      fmt::print("{:>8} {:>12} {:>13.1f}% {:>10.0f} {:>15.1f}%\n", noise * 100, least, 100 * stopped.share,
                 stopped.samples, 100 * coverage(noise, fixed, points).share);
    }
  }
  return 0;
}
