#include "record/measurement.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "base/error.hpp"

namespace hockney::inline record {
namespace {

template <class Reduce>
std::vector<double> over_samples(const Measurement& measurement, Reduce reduce) {
  std::vector<double> times(measurement.samples());
  for (std::size_t i = 0; i < times.size(); ++i) {
    times[i] = reduce(measurement.sample(i));
  }
  return times;
}

// Groups with columns of their own; imported data have one column for all.
std::uint32_t groups_in(const Measurement& measurement) {
  const std::uint32_t concurrent = std::max(measurement.point.group.concurrent, 1U);
  return measurement.rank_columns >= concurrent && measurement.rank_columns % concurrent == 0 ? concurrent : 1;
}

double completion_of(Operation operation, std::span<const double> group) {
  return operation == Operation::one_way_stream ? group.back() : *std::max_element(group.begin(), group.end());
}

// The group with the largest median of its own pooled completion times, and that median.
std::pair<std::uint32_t, double> slowest_group(std::span<const Measurement* const> passes) {
  std::pair<std::uint32_t, double> slowest{0, 0};
  for (std::uint32_t group = 0; group < groups_in(*passes.front()); ++group) {
    std::vector<double> pooled;
    for (const Measurement* pass : passes) {
      const std::vector<double> times = pass->completion_times_of_group(group);
      pooled.insert(pooled.end(), times.begin(), times.end());
    }
    if (const double time = median(pooled); time > slowest.second) {
      slowest = {group, time};
    }
  }
  return slowest;
}

}  // namespace

std::vector<double> Measurement::completion_times() const {
  std::vector<double> slowest = completion_times_of_group(0);
  for (std::uint32_t group = 1; group < groups_in(*this); ++group) {
    const std::vector<double> times = completion_times_of_group(group);
    std::transform(times.begin(), times.end(), slowest.begin(), slowest.begin(),
                   [](double a, double b) { return std::max(a, b); });
  }
  return slowest;
}

std::vector<double> Measurement::completion_times_of_group(std::uint32_t group) const {
  const std::size_t columns = rank_columns / groups_in(*this);
  if (group >= groups_in(*this)) {
    throw Failure("completion times of a group that was not measured were asked for");
  }
  return over_samples(*this, [&](std::span<const double> ranks) {
    return completion_of(point.operation, ranks.subspan(group * columns, columns));
  });
}

std::vector<double> Measurement::fastest_times() const {
  return over_samples(*this,
                      [](std::span<const double> ranks) { return *std::min_element(ranks.begin(), ranks.end()); });
}

Interval median_interval_of_visit(std::span<const double> times, double clock_step_s) {
  const Interval interval = median_interval(times, autocorrelation_time(times));
  return {interval.low - clock_step_s / 2, interval.high + clock_step_s / 2};
}

Summary summarise(const Measurement& measurement) {
  const Measurement* const only = &measurement;
  return summarise(std::span(&only, 1));
}

Summary summarise(std::span<const Measurement* const> passes) {
  std::vector<double> pooled;
  std::vector<double> pass_medians;
  std::vector<double> pooled_fastest;
  std::vector<double> skews;
  double tau_weighted = 0;
  double clock_step = 0;
  for (const Measurement* pass : passes) {
    const std::vector<double> times = pass->completion_times();
    if (times.empty()) {
      continue;
    }
    const std::vector<double> fastest = pass->fastest_times();
    for (std::size_t i = 0; i < times.size(); ++i) {
      skews.push_back(times[i] > 0 ? std::max(0.0, times[i] - fastest[i]) / times[i] : 0);
    }
    pass_medians.push_back(median(times));
    tau_weighted += autocorrelation_time(times) * static_cast<double>(times.size());
    clock_step = std::max(clock_step, pass->clock_step_s);
    pooled.insert(pooled.end(), times.begin(), times.end());
    pooled_fastest.insert(pooled_fastest.end(), fastest.begin(), fastest.end());
  }
  if (pooled.empty()) {
    throw Failure("a summary of no samples was asked for");
  }
  Summary summary;
  summary.samples = pooled.size();
  summary.autocorrelation_time = tau_weighted / static_cast<double>(pooled.size());
  summary.median_s = median(pooled);
  summary.median_interval_s = median_interval(pooled, summary.autocorrelation_time);
  summary.median_interval_s.low -= clock_step / 2;
  summary.median_interval_s.high += clock_step / 2;
  if (pass_medians.size() > 1) {
    const Interval over_passes = mean_interval(pass_medians);
    summary.median_interval_s.low = std::max(0.0, std::min(summary.median_interval_s.low, over_passes.low));
    summary.median_interval_s.high = std::max(summary.median_interval_s.high, over_passes.high);
  }
  summary.fastest_rank_s = median(pooled_fastest);
  summary.min_s = quantile(pooled, 0);
  summary.p05_s = quantile(pooled, 0.05);
  summary.p25_s = quantile(pooled, 0.25);
  summary.p75_s = quantile(pooled, 0.75);
  summary.p95_s = quantile(pooled, 0.95);
  summary.max_s = quantile(pooled, 1);
  constexpr std::size_t enough_for_p99 = 100;
  summary.p99_s = pooled.size() < enough_for_p99 ? summary.max_s : quantile(pooled, 0.99);
  summary.median_absolute_deviation_s = median_absolute_deviation(pooled);
  summary.skew = median(skews);
  std::tie(summary.slowest_group, summary.slowest_group_median_s) = slowest_group(passes);
  const Case& point = passes.front()->point;
  summary.algbw = is_on_curve(point.operation) ? point.payload / Seconds{summary.median_s} : BytesPerSecond{0};
  summary.busbw = {summary.algbw.value * wire_factor(point).value_or(0)};
  return summary;
}

}  // namespace hockney::inline record
