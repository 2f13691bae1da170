// How often does `hockney compare` see a difference between systems that have none, and how often one that is there?
// Two scripted systems whose times differ by 1 % from launch to launch; then the second is slower by a few percent.
//   per size      the 95 % interval of one ratio does not hold 1
//   Student       the same by Student's test, which takes both systems' scatter as equal, as it is here: what Welch's
//                 costs that does not
//   some verdict  a size of the comparison is called faster after Holm's correction over its sizes: the family's error
//                 where there is no difference, and what --gate finds where there is one
//   all sizes     every size is called faster
// "shared": one factor lies on all sizes of a launch, as scripted launches have it. "own": each size has one of its
// own, as where sizes run by different algorithms on different links. Usage: comparison_power [seeds, 200]
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <memory>

#include "compare/comparison.hpp"
#include "measure/sampler.hpp"
#include "transport/scripted/scripted_transport.hpp"

namespace {

using namespace hockney;

constexpr double launch_noise = 0.01;
constexpr std::uint32_t sizes = 10;
constexpr Sampling sampling{.tolerance_large = 0, .min_samples = 100, .max_samples = 100, .max_seconds = Seconds{60}};

struct Setting {
  std::size_t launches = 5;
  double slowdown = 0;
  bool shared = true;
};

transport::ScriptedMachine machine_of(double slowdown) {
  transport::ScriptedMachine machine;
  machine.launch_noise = launch_noise;
  machine.ranks = 2;
  machine.ranks_per_node = 2;
  for (transport::ScriptedSegment& segment : machine.segments) {
    segment.alpha *= 1 + slowdown;
    segment.beta = SecondsPerByte{segment.beta.value * (1 + slowdown)};
  }
  return machine;
}

Measurement measured(transport::Transport& transport, std::uint32_t size) {
  Case point;
  point.payload = Bytes{kibibytes(1).count << (2 * size)};
  const auto link = transport.join(point);
  Measurement visit = measure::sample_point(*link, nullptr, point, sampling).visit;
  visit.flags = transport.flags();
  return visit;
}

Launch launch_of(const Setting& setting, double slowdown, std::uint64_t seed) {
  const transport::ScriptedMachine machine = machine_of(slowdown);
  Launch launch;
  launch.info.run_uuid = fmt::format("{}", seed);
  auto transport = transport::make_scripted_transport(machine, seed);
  for (std::uint32_t size = 0; size < sizes; ++size) {
    if (!setting.shared) {
      transport = transport::make_scripted_transport(machine, seed * sizes + size);
    }
    launch.measurements.push_back(measured(*transport, size));
  }
  return launch;
}

compare::Side system_of(const Setting& setting, double slowdown, std::uint64_t first_seed) {
  std::vector<Launch> launches;
  for (std::size_t i = 0; i < setting.launches; ++i) {
    launches.push_back(launch_of(setting, slowdown, first_seed + i));
  }
  return compare::side_of("scripted", launches);
}

struct Shares {
  double per_size = 0;
  double student = 0;
  double some_verdict = 0;
  double all_sizes = 0;
};

bool student_rejects(const std::vector<double>& a, const std::vector<double>& b) {
  const auto launches = static_cast<double>(a.size());
  const double scatter = std::hypot(standard_deviation(a), standard_deviation(b)) / std::sqrt(launches);
  const std::size_t freedom_plus_one = a.size() + b.size() - 1;
  const double t = student_half_width(freedom_plus_one) * std::sqrt(static_cast<double>(freedom_plus_one));
  return std::abs(mean(b) - mean(a)) > t * scatter;
}

Shares shares_of(const Setting& setting, unsigned long seeds) {
  constexpr std::uint64_t apart = 100;
  Shares shares;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const compare::Comparison comparison =
        compare_systems(system_of(setting, 0, 2 * seed * apart),
                        system_of(setting, setting.slowdown, (2 * seed + 1) * apart), compare::Comparison{}.margin);
    const compare::CurveComparison& curve = comparison.curves.front();
    for (std::size_t size = 0; size < sizes; ++size) {
      const Interval& interval = *curve.points[size].ratio.interval;
      shares.per_size += (interval.low > 1 || interval.high < 1) / static_cast<double>(sizes);
      shares.student +=
          student_rejects(curve.a.launch_logs(size), curve.b.launch_logs(size)) / static_cast<double>(sizes);
    }
    const std::size_t found =
        count(comparison, compare::Verdict::a_faster) + count(comparison, compare::Verdict::b_faster);
    shares.some_verdict += found > 0;
    shares.all_sizes += found == sizes;
  }
  const auto count = static_cast<double>(seeds);
  return {shares.per_size / count, shares.student / count, shares.some_verdict / count, shares.all_sizes / count};
}

}  // namespace

int main(int argc, char** argv) {
  const unsigned long seeds = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 200;
  fmt::print("SIMULATED: {} seeds, {} sizes, {} samples, launch noise {} %, margin {} %\n", seeds, sizes,
             sampling.min_samples, launch_noise * 100, compare::Comparison{}.margin * 100);
  fmt::print("{:>7} {:>9} {:>10} {:>12} {:>11} {:>16} {:>13}\n", "factor", "launches", "slower %", "per size %",
             "Student %", "some verdict %", "all sizes %");
  for (const bool shared : {true, false}) {
    for (const std::size_t launches : {3U, 5U, 10U}) {
      for (const double slowdown : {0.0, 0.02, 0.03, 0.05}) {
        const Shares shares = shares_of({launches, slowdown, shared}, seeds);
        fmt::print("{:>7} {:>9} {:>10.0f} {:>12.1f} {:>11.1f} {:>16.1f} {:>13.1f}\n", shared ? "shared" : "own",
                   launches, slowdown * 100, 100 * shares.per_size, 100 * shares.student, 100 * shares.some_verdict,
                   100 * shares.all_sizes);
        std::fflush(stdout);
      }
    }
  }
  return 0;
}
