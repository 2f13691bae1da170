#include "predict/network/rank_scaling.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "base/error.hpp"
#include "cost/segments.hpp"

namespace hockney::predict {
namespace {

Interval times(Interval interval, double factor) { return {interval.low * factor, interval.high * factor}; }

double volume_factor(double from, double to) { return ((to - 1) / to) / ((from - 1) / from); }

bool covers(const cost::CostCurve& curve, Bytes payload) {
  return curve.segments.front().from <= payload && payload <= curve.segments.back().to;
}

std::string joined(const std::string& first, const std::string& second) {
  return first.empty() || second.empty() ? first + second : first + "; " + second;
}

}  // namespace

double ring_latency_factor(Operation operation, std::uint32_t from, std::uint32_t to) {
  const auto latency_us = [&](double ranks) {
    return ring_base_us + ring_step_us * (operation == Operation::all_reduce ? 2 : 1) * (ranks - 1);
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

cost::CostCurve scaled_by_ring_steps(const cost::CostCurve& curve, std::uint32_t ranks) {
  const std::uint32_t measured = curve.shape.group.ranks;
  return scaled(curve, ring_latency_factor(curve.shape.operation, measured, ranks), volume_factor(measured, ranks));
}

cost::Estimate extrapolate_ranks(const cost::CostCurve& curve, std::uint32_t ranks, Bytes payload) {
  const std::uint32_t measured = curve.shape.group.ranks;
  if (measured < 2 || ranks < 2 || measured == ranks) {
    throw Failure(fmt::format("cannot extrapolate from {} to {} ranks", measured, ranks));
  }
  const double from = measured;
  const double to = ranks;
  cost::Estimate estimate = scaled_by_ring_steps(curve, ranks).at(payload);
  for (const double latency : {(to - 1) / (from - 1), std::log2(to) / std::log2(from)}) {
    const cost::Estimate other = scaled(curve, latency, volume_factor(from, to)).at(payload);
    estimate.low_s = std::min(estimate.low_s, other.low_s);
    estimate.high_s = std::max(estimate.high_s, other.high_s);
  }
  estimate.extrapolated = true;
  estimate.launches_s.clear();
  estimate.remark =
      joined(fmt::format("extrapolated from {} to {} ranks by ring steps", measured, ranks), estimate.remark);
  return estimate;
}

RankHoldOut hold_out_ranks(std::span<const cost::CostCurve* const> curves) {
  constexpr std::size_t most_held_out = 2;
  constexpr std::size_t least_to_hold_out_from = 2;
  std::vector<double> power_law;
  std::vector<double> ring_steps;
  const std::size_t first = curves.size() - std::min(curves.size(), most_held_out);
  for (std::size_t i = std::max(first, least_to_hold_out_from); i < curves.size(); ++i) {
    const cost::CostCurve& below = *curves[i - 2];
    const cost::CostCurve& above = *curves[i - 1];
    const std::uint32_t ranks = curves[i]->shape.group.ranks;
    const cost::CostCurve by_ring_steps = scaled_by_ring_steps(above, ranks);
    for (const cost::CurvePoint& point : curves[i]->points) {
      if (covers(below, point.payload) && covers(above, point.payload)) {
        const double power = cost::log_log_interpolation(ranks, below.shape.group.ranks, below.time_at(point.payload),
                                                         above.shape.group.ranks, above.time_at(point.payload));
        power_law.push_back(std::abs(power / point.time_s - 1));
        ring_steps.push_back(std::abs(by_ring_steps.time_at(point.payload) / point.time_s - 1));
      }
    }
  }
  return {cost::quantiles_of(power_law), cost::quantiles_of(ring_steps)};
}

cost::Estimate extrapolate_by_power_law(const cost::CostCurve& below, const cost::CostCurve& above, std::uint32_t ranks,
                                        Bytes payload, const RankHoldOut& tried) {
  const std::uint32_t low = below.shape.group.ranks;
  const std::uint32_t high = above.shape.group.ranks;
  if (low < 1 || high <= low || ranks <= high) {
    throw Failure(fmt::format("{} ranks do not lie beyond {} and {}", ranks, low, high));
  }
  cost::Estimate estimate = above.at(payload);
  const double value = cost::log_log_interpolation(ranks, low, below.time_at(payload), high, estimate.value_s);
  const double factor = value / estimate.value_s;
  const double doublings = std::max(1.0, std::log2(static_cast<double>(ranks) / high));
  const double widening = std::pow(1 + tried.power_law.p95, doublings);
  estimate.value_s = value;
  estimate.low_s = std::min(estimate.low_s * factor, value / widening);
  estimate.high_s = std::max(estimate.high_s * factor, value * widening);
  estimate.extrapolated = true;
  estimate.launches_s.clear();
  estimate.remark =
      joined(fmt::format("extrapolated from {} and {} to {} ranks by a power law, which erred less than ring "
                         "steps where both were tried (95th percentile {:.1f} against {:.1f} %)",
                         low, high, ranks, 100 * tried.power_law.p95, 100 * tried.ring_steps.p95),
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
