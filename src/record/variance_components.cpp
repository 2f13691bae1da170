#include "record/variance_components.hpp"

#include <algorithm>
#include <cmath>

#include "record/deviates.hpp"
#include "record/statistics.hpp"

namespace hockney::inline record {
namespace {

double square(double value) { return value * value; }

/// A visit on the log scale.
struct VisitLogs {
  double median = 0;
  double sample_variance = 0;
  double median_variance = 0;  ///< that the samples explain
};

VisitLogs logs_of(const Measurement& visit) {
  std::vector<double> logs = visit.completion_times();
  const double tau = autocorrelation_time(logs);
  for (double& time : logs) {
    time = std::log(time);
  }
  const Interval interval = median_interval(logs, tau);
  return {median(logs), square(standard_deviation(logs)), square((interval.high - interval.low) / 2 / z95)};
}

double mean_of(const std::vector<VisitLogs>& visits, double VisitLogs::*member) {
  double sum = 0;
  for (const VisitLogs& visit : visits) {
    sum += visit.*member;
  }
  return sum / static_cast<double>(visits.size());
}

// Variance between the medians of visits of one launch, pooled over launches; nothing where no launch has two.
std::optional<double> variance_within(const std::vector<std::vector<VisitLogs>>& launches) {
  double sum = 0;
  std::size_t freedom = 0;
  for (const std::vector<VisitLogs>& visits : launches) {
    const double centre = mean_of(visits, &VisitLogs::median);
    for (const VisitLogs& visit : visits) {
      sum += square(visit.median - centre);
    }
    freedom += visits.size() - 1;
  }
  return freedom == 0 ? std::nullopt : std::optional(sum / static_cast<double>(freedom));
}

}  // namespace

std::optional<VarianceComponents> variance_components(const std::vector<std::vector<const Measurement*>>& launches) {
  std::vector<std::vector<VisitLogs>> logs;
  std::vector<VisitLogs> all;
  std::vector<double> centres;
  double visits_per_launch = 0;
  for (const std::vector<const Measurement*>& visits : launches) {
    if (visits.empty()) {
      continue;
    }
    std::vector<VisitLogs>& own = logs.emplace_back();
    for (const Measurement* visit : visits) {
      own.push_back(logs_of(*visit));
    }
    all.insert(all.end(), own.begin(), own.end());
    centres.push_back(mean_of(own, &VisitLogs::median));
    visits_per_launch += 1 / static_cast<double>(own.size());
  }
  if (logs.size() < 2) {
    return std::nullopt;
  }
  visits_per_launch = static_cast<double>(logs.size()) / visits_per_launch;  // harmonic mean
  const double explained = mean_of(all, &VisitLogs::median_variance);
  const auto within = variance_within(logs);
  const double between = square(standard_deviation(centres));
  const auto deviation = [](double variance) { return std::sqrt(std::max(0.0, variance)); };
  return VarianceComponents{.launch = deviation(between - within.value_or(explained) / visits_per_launch),
                            .pass = within ? std::optional(deviation(*within - explained)) : std::nullopt,
                            .sample = std::sqrt(mean_of(all, &VisitLogs::sample_variance)),
                            .between_launches = std::sqrt(between)};
}

std::uint32_t launches_for(double between_launches, double precision) {
  constexpr std::uint32_t most = 1000;
  std::uint32_t launches = 2;
  while (launches < most && student_half_width(launches) * between_launches > precision) {
    ++launches;
  }
  return launches;
}

}  // namespace hockney::inline record
