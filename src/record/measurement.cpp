#include "record/measurement.hpp"

#include <algorithm>
#include <cmath>

#include "errors/error.hpp"

namespace hockney {
namespace {

template <class Reduce>
std::vector<double> over_ranks(const Measurement& measurement, Reduce reduce) {
  std::vector<double> times(measurement.samples());
  for (std::size_t i = 0; i < times.size(); ++i) {
    times[i] = reduce(measurement.sample(i));
  }
  return times;
}

}  // namespace

std::string to_string(Flags flags) {
  std::string text;
  for (const auto& [flag, name] : Names<Flag>::table) {
    if (flags.has(flag)) {
      text += text.empty() ? "" : ",";
      text += name;
    }
  }
  return text;
}

std::vector<double> Measurement::completion_times() const {
  if (point.operation == Operation::one_way_stream) {
    return over_ranks(*this, [](std::span<const double> ranks) { return ranks.back(); });
  }
  return over_ranks(*this, [](std::span<const double> ranks) { return *std::max_element(ranks.begin(), ranks.end()); });
}

std::vector<double> Measurement::fastest_times() const {
  return over_ranks(*this, [](std::span<const double> ranks) { return *std::min_element(ranks.begin(), ranks.end()); });
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
  const Case& point = passes.front()->point;
  summary.algbw = point.payload / Seconds{summary.median_s};
  summary.busbw = {summary.algbw.value * wire_factor(point.operation, point.group.ranks)};
  return summary;
}

}  // namespace hockney
