#include "predict/network/rank_scaling.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "base/error.hpp"
#include "cost/segments.hpp"

namespace hockney::predict {
namespace {

Interval times(Interval interval, double factor) { return {interval.low * factor, interval.high * factor}; }

std::string joined(const std::string& first, const std::string& second) {
  return first.empty() || second.empty() ? first + second : first + "; " + second;
}

}  // namespace

double ring_latency_factor(Operation operation, std::uint32_t from, std::uint32_t to) {
  constexpr double base_us = 8.4;
  constexpr double step_us = 3.4;
  const auto latency_us = [&](double ranks) {
    return base_us + step_us * (operation == Operation::all_reduce ? 2 : 1) * (ranks - 1);
  };
  return latency_us(to) / latency_us(from);
}

cost::CostCurve scaled(const cost::CostCurve& curve, double alpha_factor, double beta_factor) {
  cost::CostCurve copy = curve;
  for (cost::AlphaBeta& segment : copy.segments) {
    segment.alpha_s *= alpha_factor;
    segment.beta_s_per_byte *= beta_factor;
    segment.alpha_interval_s = times(segment.alpha_interval_s, alpha_factor);
    segment.beta_interval_s_per_byte = times(segment.beta_interval_s_per_byte, beta_factor);
    segment.covariance_aa *= alpha_factor * alpha_factor;
    segment.covariance_ab *= alpha_factor * beta_factor;
    segment.covariance_bb *= beta_factor * beta_factor;
    for (cost::LaunchParameters& launch : segment.launches) {
      launch.alpha_s *= alpha_factor;
      launch.beta_s_per_byte *= beta_factor;
    }
  }
  for (cost::CurvePoint& point : copy.points) {
    const double before = cost::time_at(curve.segments, point.payload);
    point.time_s *= before > 0 ? cost::time_at(copy.segments, point.payload) / before : 1;
  }
  return copy;
}

cost::Estimate extrapolate_ranks(const cost::CostCurve& curve, std::uint32_t ranks, Bytes payload) {
  const std::uint32_t measured = curve.shape.group.ranks;
  if (measured < 2 || ranks < 2 || measured == ranks) {
    throw Failure(fmt::format("cannot extrapolate from {} to {} ranks", measured, ranks));
  }
  const double from = measured;
  const double to = ranks;
  const double volume = ((to - 1) / to) / ((from - 1) / from);
  cost::Estimate estimate =
      scaled(curve, ring_latency_factor(curve.shape.operation, measured, ranks), volume).at(payload);
  for (const double latency : {(to - 1) / (from - 1), std::log2(to) / std::log2(from)}) {
    const cost::Estimate other = scaled(curve, latency, volume).at(payload);
    estimate.low_s = std::min(estimate.low_s, other.low_s);
    estimate.high_s = std::max(estimate.high_s, other.high_s);
  }
  estimate.extrapolated = true;
  estimate.launches_s.clear();
  estimate.remark =
      joined(fmt::format("extrapolated from {} to {} ranks by ring steps", measured, ranks), estimate.remark);
  return estimate;
}

cost::Estimate extrapolate_by_power_law(const cost::CostCurve& below, const cost::CostCurve& above, std::uint32_t ranks,
                                        Bytes payload, double error) {
  const std::uint32_t low = below.shape.group.ranks;
  const std::uint32_t high = above.shape.group.ranks;
  if (low < 1 || high <= low || ranks <= high) {
    throw Failure(fmt::format("{} ranks do not lie beyond {} and {}", ranks, low, high));
  }
  cost::Estimate estimate = above.at(payload);
  const double value = cost::log_log_interpolation(ranks, low, below.at(payload).value_s, high, estimate.value_s);
  const double factor = value / estimate.value_s;
  estimate.value_s = value;
  estimate.low_s = std::min(estimate.low_s * factor, value / (1 + error));
  estimate.high_s = std::max(estimate.high_s * factor, value * (1 + error));
  estimate.extrapolated = true;
  estimate.launches_s.clear();
  estimate.remark =
      joined(fmt::format("extrapolated from {} and {} to {} ranks by a power law, which erred less than the "
                         "law over ranks where both were tried (95th percentile {:.0f} %)",
                         low, high, ranks, error * 100),
             estimate.remark);
  return estimate;
}

cost::Estimate interpolate_ranks(const cost::CostCurve& below, const cost::CostCurve& above, std::uint32_t ranks,
                                 Bytes payload) {
  const std::uint32_t low = below.shape.group.ranks;
  const std::uint32_t high = above.shape.group.ranks;
  if (low < 1 || ranks <= low || ranks >= high) {
    throw Failure(fmt::format("{} ranks do not lie between {} and {}", ranks, low, high));
  }
  const double share = std::log(static_cast<double>(ranks) / low) / std::log(static_cast<double>(high) / low);
  // Powers rather than logarithms: the lower end of an interval may be 0.
  const auto between = [share](double a, double b) { return std::pow(a, 1 - share) * std::pow(b, share); };

  cost::Estimate estimate = below.at(payload);
  const cost::Estimate upper = above.at(payload);
  estimate.value_s = between(estimate.value_s, upper.value_s);
  estimate.low_s = between(estimate.low_s, upper.low_s);
  estimate.high_s = between(estimate.high_s, upper.high_s);
  estimate.extrapolated = estimate.extrapolated || upper.extrapolated;
  estimate.in_gap = estimate.in_gap || upper.in_gap;
  estimate.basis = std::max(estimate.basis, upper.basis);
  estimate.launches_s.clear();
  const std::string payload_remark = estimate.remark.empty() ? upper.remark : estimate.remark;
  estimate.remark = joined(fmt::format("interpolated between {} and {} ranks", low, high), payload_remark);
  return estimate;
}

}  // namespace hockney::predict
