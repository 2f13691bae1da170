#include "predict/network/sharing.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <vector>

#include "base/error.hpp"
#include "predict/network/rank_scaling.hpp"

namespace hockney::predict {
namespace {

using Curves = std::span<const cost::CostCurve* const>;

double groups_of(const cost::CostCurve* curve) { return groups_at_once(curve->shape).value_or(1); }

// The law with one of the numbers of every curve's estimate.
SharedBytes times_at_once(Curves loads, std::span<const cost::Estimate> estimates, double cost::Estimate::*number,
                          double groups) {
  const double alpha_s = loads.front()->segments.front().alpha_s;
  std::vector<Load> measured;
  for (std::size_t i = 0; i < loads.size(); ++i) {
    measured.push_back({groups_of(loads[i]), std::max(0.0, estimates[i].*number - alpha_s)});
  }
  const SharedBytes bytes = bytes_at_once(measured, groups);
  return {alpha_s + bytes.value_s, alpha_s + bytes.low_s, alpha_s + bytes.high_s};
}

void widen(cost::Estimate& estimate) {
  estimate.low_s = std::min(estimate.low_s, estimate.value_s / (1 + sharing_error));
  estimate.high_s = std::max(estimate.high_s, estimate.value_s * (1 + sharing_error));
  estimate.launches_s.clear();
}

// An all_to_all at other ranks: the bytes by the share that leaves, the latency by the levels of a tree.
cost::CostCurve scaled_by_leaving_share(const cost::CostCurve& curve, double ranks, double alpha_factor) {
  const double from = curve.shape.group.ranks;
  const double per_node = curve.shape.group.ranks_per_node;
  if (from <= per_node || ranks <= per_node) {
    throw Failure(fmt::format("an all_to_all of {} or {} ranks leaves no node of {}", from, ranks, per_node));
  }
  return scaled(curve, alpha_factor, leaving_share(ranks, per_node) / leaving_share(from, per_node));
}

double levels_factor(double from, double to) { return std::log2(to) / std::log2(from); }

std::string remark_on(const std::string& law, const std::string& payload_remark) {
  return payload_remark.empty() ? law : law + "; " + payload_remark;
}

}  // namespace

SharedBytes bytes_at_once(std::span<const Load> loads, double groups) {
  if (loads.size() < 2) {
    throw Failure(fmt::format("the law of sharing needs two loads, not {}", loads.size()));
  }
  const auto next =
      std::find_if(loads.begin() + 1, loads.end() - 1, [groups](const Load& load) { return load.groups >= groups; });
  const Load& less = *(next - 1);
  const Load& more = *next;
  const double each_further = (more.bytes_s - less.bytes_s) / (more.groups - less.groups);
  const double line = less.bytes_s + each_further * (groups - less.groups);
  const double at_rate_of_less = less.bytes_s * groups / less.groups;
  const double at_rate_of_more = more.bytes_s * groups / more.groups;
  const auto [one, other] = groups < less.groups   ? std::pair(std::max(at_rate_of_less, line), less.bytes_s)
                            : groups > more.groups ? std::pair(std::max(more.bytes_s, line), at_rate_of_more)
                                                   : std::pair(std::max(less.bytes_s, at_rate_of_more), line);
  const double low = std::min(one, other);
  const double high = std::max(one, other);
  return {std::sqrt(low * high), low, high};
}

std::optional<std::uint32_t> groups_at_once(const Case& shape) {
  return shape.group.nodes() > 1 ? std::optional(shape.group.on_same_nodes()) : std::nullopt;
}

double leaving_share(double ranks, double ranks_per_node) { return (ranks - ranks_per_node) / ranks; }

cost::Estimate estimate_at_once(Curves loads, std::uint32_t groups, Bytes payload) {
  std::vector<cost::Estimate> estimates;
  std::vector<double> counts;
  for (const cost::CostCurve* curve : loads) {
    estimates.push_back(curve->at(payload));
    counts.push_back(groups_of(curve));
  }
  const auto nearer = [groups](double a, double b) {
    return std::abs(std::log(a / groups)) < std::abs(std::log(b / groups));
  };
  const auto nearest = std::min_element(counts.begin(), counts.end(), nearer) - counts.begin();
  cost::Estimate estimate = estimates[static_cast<std::size_t>(nearest)];
  estimate.value_s = times_at_once(loads, estimates, &cost::Estimate::value_s, groups).value_s;
  estimate.low_s = std::min(estimate.value_s, times_at_once(loads, estimates, &cost::Estimate::low_s, groups).low_s);
  estimate.high_s = std::max(estimate.value_s, times_at_once(loads, estimates, &cost::Estimate::high_s, groups).high_s);
  for (const cost::Estimate& each : estimates) {
    estimate.extrapolated = estimate.extrapolated || each.extrapolated;
    estimate.in_gap = estimate.in_gap || each.in_gap;
    estimate.basis = std::max(estimate.basis, each.basis);
  }
  estimate.extrapolated = estimate.extrapolated || groups < counts.front() || groups > counts.back();
  estimate.remark = remark_on(
      fmt::format("{} groups at once by the law of sharing, measured with {}", groups, fmt::join(counts, ", ")),
      estimate.remark);
  widen(estimate);
  return estimate;
}

cost::Estimate extrapolate_leaving_share(const cost::CostCurve& curve, std::uint32_t ranks, Bytes payload) {
  const double from = curve.shape.group.ranks;
  const double to = ranks;
  const double per_node = curve.shape.group.ranks_per_node;
  cost::Estimate estimate = scaled_by_leaving_share(curve, to, levels_factor(from, to)).at(payload);
  for (const double latency : {1.0, (to - 1) / (from - 1)}) {
    const cost::Estimate other = scaled_by_leaving_share(curve, to, latency).at(payload);
    estimate.low_s = std::min(estimate.low_s, other.low_s);
    estimate.high_s = std::max(estimate.high_s, other.high_s);
  }
  estimate.extrapolated = true;
  estimate.remark =
      remark_on(fmt::format("extrapolated from {} to {} ranks by the law of sharing: {:.3g} in place of {:.3g} % of "
                            "the bytes leave the node",
                            from, to, 100 * leaving_share(to, per_node), 100 * leaving_share(from, per_node)),
                estimate.remark);
  widen(estimate);
  return estimate;
}

bool leaving_share_fits(const cost::CostCurve& nearest, const cost::CostCurve& next) {
  const std::uint32_t ranks = nearest.shape.group.ranks;
  const cost::CostCurve by_share = scaled_by_leaving_share(next, ranks, levels_factor(next.shape.group.ranks, ranks));
  const cost::CostCurve by_steps = scaled_by_ring_steps(next, ranks);
  std::vector<double> share;
  std::vector<double> steps;
  for (const cost::CurvePoint& point : nearest.points) {
    if (next.segments.front().from <= point.payload && point.payload <= next.segments.back().to) {
      share.push_back(std::abs(by_share.time_at(point.payload) / point.time_s - 1));
      steps.push_back(std::abs(by_steps.time_at(point.payload) / point.time_s - 1));
    }
  }
  return cost::quantiles_of(share).median <= cost::quantiles_of(steps).median;
}

}  // namespace hockney::predict
