// What does --budget save on machines whose noise is known? Node-seconds until every point of an all-reduce sweep,
// 1 KiB to 64 MiB in octaves, is known within +-2 % between launches, of the two kinds of budget_node_seconds. The
// choice of visits, warm-up and the stopping rule are those of hockney-bench; samples and the clock are simulated.
// A point that is known stays so, for both kinds: with a budget it is not measured again, and the fixed sweep shall not
// be the worse for measuring it. 'off' is the share of points whose mean then was further than 2 % from the truth.
// Usage: budget_simulated [campaigns of each kind, 20]
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <random>

#include "measure/stopping_rule.hpp"
#include "measure/visit_choice.hpp"
#include "record/statistics.hpp"
#include "record/variance_components.hpp"

namespace {

using namespace hockney;

constexpr std::size_t payloads = 17;
constexpr std::size_t most_launches = 300;
constexpr double precision = 0.02;
// As budget_node_seconds found them on two virtual cores without other work: 0.35 s for a launch to start, 2.4 GB/s.
constexpr double start_up_s = 0.35;
constexpr double bytes_per_s = 2.4e9;
constexpr double latency_s = 4e-6;

struct Machine {
  double noise = 0;         ///< of a sample, relative
  double jitter_s = 0;      ///< mean of a delay on top of a sample
  double launch_noise = 0;  ///< of a launch, relative
  bool is_common = true;    ///< to all payloads of a launch
};

/// A node with a clock of its own, on which launches run one after the other.
class Node {
 public:
  Node(const Machine& machine, unsigned long seed) : machine_(machine), generator_(seed) {}

  void launch() {
    now_s_ += start_up_s;
    const double common = normal_(generator_);
    for (double& factor : factors_) {
      factor = std::exp(machine_.launch_noise * (machine_.is_common ? common : normal_(generator_)));
    }
  }

  void take(std::size_t octave, std::size_t count, std::vector<double>& times) {
    const double exact_s = factors_[octave] * (latency_s + static_cast<double>(1024U << octave) / bytes_per_s);
    for (std::size_t i = 0; i < count; ++i) {
      times.push_back(exact_s * std::exp(machine_.noise * normal_(generator_)) +
                      machine_.jitter_s * exponential_(generator_));
      now_s_ += times.back();
    }
  }

  double now_s() const { return now_s_; }

 private:
  Machine machine_;
  std::mt19937_64 generator_;
  std::normal_distribution<double> normal_;
  std::exponential_distribution<double> exponential_;
  std::array<double, payloads> factors_{};
  double now_s_ = 0;
};

/// [octave][launch], s.
using Medians = std::array<std::vector<double>, payloads>;

std::vector<double> logs_of(const std::vector<double>& medians_s) {
  std::vector<double> logs;
  std::transform(medians_s.begin(), medians_s.end(), std::back_inserter(logs), [](double s) { return std::log(s); });
  return logs;
}

bool is_known(const std::vector<double>& medians_s) {
  const std::vector<double> logs = logs_of(medians_s);
  return logs.size() >= 3 && launches_for(standard_deviation(logs), precision) <= logs.size();
}

void launch_fixed(Node& node, Medians& medians) {
  for (std::size_t octave = 0; octave < payloads; ++octave) {
    std::vector<double> warm_up;
    node.take(octave, 5, warm_up);
    std::vector<double> times;
    node.take(octave, 20, times);
    medians[octave].push_back(median(times));
  }
}

// As the sampler does it.
void warm_up(Node& node, std::size_t octave, const Sampling& sampling) {
  std::vector<double> times;
  node.take(octave, 1, times);
  const double began = node.now_s();
  std::size_t left = sampling.max_discarded;
  for (std::size_t next = 1; next != 0;) {
    node.take(octave, next, times);
    const double spent_s = node.now_s() - began;
    const bool warm = spent_s >= sampling.warm_up.count();
    left -= warm ? std::min(left, next) : 0;
    const bool capped = (warm && left == 0) || spent_s >= std::max(sampling.warm_up, sampling.max_seconds / 3).count();
    next = capped || (warm && measure::is_steady(times)) ? 0 : warm ? std::min<std::size_t>(10, left) : 10;
  }
}

Summary visit(Node& node, std::size_t octave, Sampling sampling, const measure::Choice& choice) {
  sampling.passes = 1;
  sampling.tolerance_small = sampling.tolerance_large = choice.tolerance;
  sampling.launch_share = choice.launch_share;
  const double began = node.now_s();
  warm_up(node, octave, sampling);
  const double sampled_from = node.now_s();
  const measure::StoppingRule rule(sampling, Bytes{1024U << octave}, 0, Seconds{sampled_from - began});
  std::vector<double> times;
  do {
    node.take(octave, rule.next_batch(times.size(), Seconds{node.now_s() - sampled_from}), times);
  } while (!rule.verdict(times, Seconds{node.now_s() - sampled_from}));
  Summary summary;
  summary.samples = times.size();
  summary.median_s = median(times);
  summary.median_interval_s = median_interval_of_visit(times, 0);
  return summary;
}

void launch_within_budget(Node& node, Medians& medians) {
  constexpr Sampling sampling{.tolerance_small = precision,
                              .tolerance_large = precision,
                              .min_samples = 6,
                              .warm_up = Seconds{0},
                              .max_discarded = 0};
  std::vector<measure::BudgetPoint> points(payloads);
  for (std::size_t octave = 0; octave < payloads; ++octave) {
    points[octave].point.payload = Bytes{1024U << octave};
    points[octave].id = octave;
  }
  const std::vector<measure::BudgetPoint> given = points;
  measure::VisitChoice choice(std::move(points), sampling,
                              {.most_added = 0, .launches = 0, .start_up = Seconds{start_up_s}});
  for (std::size_t octave = 0; octave < payloads; ++octave) {
    choice.know_earlier(given[octave].point.name(), medians[octave]);
  }
  std::array<std::vector<double>, payloads> logs;  // of this launch's visits
  const double began = node.now_s();
  while (const auto next = choice.next(Seconds{60 - (node.now_s() - began)})) {
    const double start = node.now_s();
    const Summary summary = visit(node, next->point, sampling, *next);
    logs[next->point].push_back(std::log(summary.median_s));
    VisitRecord record;
    record.point = choice.point(next->point).point;
    record.pass = next->pass;
    choice.keep(next->point, record, summary, Seconds{node.now_s() - start});
  }
  for (std::size_t octave = 0; octave < payloads; ++octave) {
    if (!logs[octave].empty()) {
      medians[octave].push_back(std::exp(mean(logs[octave])));
    }
  }
}

/// Of a launch whose factor is 1, s.
using Truth = std::array<double, payloads>;

Truth truth_of(Machine machine) {
  machine.launch_noise = 0;
  Node node(machine, 0);
  node.launch();
  Truth truth{};
  for (std::size_t octave = 0; octave < payloads; ++octave) {
    std::vector<double> times;
    node.take(octave, 20'001, times);
    truth[octave] = median(times);
  }
  return truth;
}

struct Campaign {
  double node_s = 0;
  double launches = 0;
  double known = 0;
  double off = 0;  ///< of the known, further from the truth than the precision
};

Campaign repeat(void (&launch)(Node&, Medians&), const Machine& machine, const Truth& truth, unsigned long seed) {
  Node node(machine, seed);
  Medians medians;
  std::array<bool, payloads> are_known{};
  Campaign campaign;
  while (campaign.known < payloads && campaign.launches < most_launches) {
    node.launch();
    launch(node, medians);
    ++campaign.launches;
    for (std::size_t octave = 0; octave < payloads; ++octave) {
      if (!are_known[octave] && is_known(medians[octave])) {
        are_known[octave] = true;
        ++campaign.known;
        campaign.off += std::abs(mean(logs_of(medians[octave])) - std::log(truth[octave])) > precision ? 1 : 0;
      }
    }
  }
  campaign.node_s = node.now_s();
  return campaign;
}

/// Campaigns of one kind that came to their end.
struct Ended {
  std::vector<double> node_s;
  std::vector<double> launches;
  std::vector<double> off;

  void add(const Campaign& campaign) {
    node_s.push_back(campaign.node_s);
    launches.push_back(campaign.launches);
    off.push_back(campaign.off / payloads);
  }
};

void compare(const Machine& machine, unsigned long campaigns) {
  const Truth truth = truth_of(machine);
  Ended fixed, budget;
  std::vector<double> ratios;
  for (unsigned long seed = 1; seed <= campaigns; ++seed) {
    const Campaign one = repeat(launch_fixed, machine, truth, seed);
    const Campaign other = repeat(launch_within_budget, machine, truth, seed);
    if (one.known == payloads && other.known == payloads) {
      fixed.add(one);
      budget.add(other);
      ratios.push_back(other.node_s / one.node_s);
    }
  }
  fmt::print("{:>8} {:>9} {:>8} {:>8}", 100 * machine.noise, 1e6 * machine.jitter_s, 100 * machine.launch_noise,
             machine.is_common ? "all" : "each");
  if (ratios.empty()) {
    fmt::print("  no campaign came to its end\n");
    return;
  }
  for (const Ended& each : {fixed, budget}) {
    fmt::print(" {:>7.1f} {:>5.0f} {:>6.1f}", median(each.node_s), median(each.launches), 100 * mean(each.off));
  }
  fmt::print(" {:>7.2f} {:>6.2f} {:>5}\n", median(ratios), quantile(ratios, 1), ratios.size());
}

}  // namespace

int main(int argc, char** argv) {
  const unsigned long campaigns = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 20;
  fmt::print("SIMULATED: node-seconds until 17 points are known within +-2 % between launches\n");
  fmt::print("{:>8} {:>9} {:>8} {:>8} {:>20} {:>20} {:>14}\n", "sample", "delay on", "launch", "common", "fixed",
             "budget", "budget/fixed");
  fmt::print("{:>8} {:>9} {:>8} {:>8} {:>7} {:>5} {:>6} {:>7} {:>5} {:>6} {:>7} {:>6} {:>5}\n", "noise %", "top us",
             "noise %", "to", "s", "runs", "off %", "s", "runs", "off %", "median", "worst", "of");
  for (const Machine& machine :
       {Machine{0.02, 1e-6, 0.01}, Machine{0.02, 1e-6, 0.03, false}, Machine{0.05, 1e-6, 0.01}, Machine{0.05, 0, 0.01},
        Machine{0.05, 1e-6, 0.05, false}, Machine{0.1, 0, 0.01}, Machine{0.1, 0, 0.03, false}}) {
    compare(machine, campaigns);
  }
  return 0;
}
