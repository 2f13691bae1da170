#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "base/error.hpp"
#include "cost/cost_model.hpp"
#include "cost/local_law.hpp"
#include "cost/segments.hpp"
#include "record/deviates.hpp"

namespace hockney::cost {
namespace {

constexpr double least_error_per_octave = 0.05;

Interval hull(Interval a, Interval b) { return {std::min(a.low, b.low), std::max(a.high, b.high)}; }

Interval including(Interval interval, double value) { return hull(interval, {value, value}); }

Interval scaled(Interval interval, double factor) { return {factor * interval.low, factor * interval.high}; }

Interval around(double value, double log_half_width) {
  return {value * std::exp(-log_half_width), value * std::exp(log_half_width)};
}

Interval over_launches(std::span<const double> answers) {
  if (std::any_of(answers.begin(), answers.end(), [](double t) { return t <= 0; })) {
    const Interval plain = mean_interval(answers);
    return {std::max(0.0, plain.low), plain.high};
  }
  std::vector<double> logs(answers.size());
  std::transform(answers.begin(), answers.end(), logs.begin(), [](double t) { return std::log(t); });
  const Interval interval = mean_interval(logs);
  return {std::exp(interval.low), std::exp(interval.high)};
}

Interval from_covariance(const AlphaBeta& segment, Bytes payload) {
  const double m = static_cast<double>(payload.count);
  const double variance = segment.covariance_aa + 2 * m * segment.covariance_ab + m * m * segment.covariance_bb;
  const double half = z95 * std::sqrt(std::max(0.0, variance));
  const double value = segment.at(payload).count();
  return value > 0 ? around(value, half / value) : Interval{0, half};
}

Interval from_ends(const AlphaBeta& segment, Bytes payload) {
  const double m = static_cast<double>(payload.count);
  return {std::max(0.0, segment.alpha_interval_s.low + m * segment.beta_interval_s_per_byte.low),
          segment.alpha_interval_s.high + m * segment.beta_interval_s_per_byte.high};
}

std::vector<double> answers_of_launches(const AlphaBeta& segment, Bytes payload) {
  std::vector<double> answers;
  for (const LaunchParameters& launch : segment.launches) {
    answers.push_back(launch.alpha_s + launch.beta_s_per_byte * static_cast<double>(payload.count));
  }
  return answers;
}

// Interval of one segment's line at a payload, also outside the segment.
Interval line_interval(const AlphaBeta& segment, Bytes payload, IntervalBasis basis) {
  const auto raw = [&] {
    switch (basis) {
      case IntervalBasis::launches:
        if (segment.launches.size() < 2) {
          throw Failure("a cost curve claims intervals over launches but holds fewer than two");
        }
        return over_launches(answers_of_launches(segment, payload));
      case IntervalBasis::line_rate:
        return from_ends(segment, payload);
      default:
        return from_covariance(segment, payload);
    }
  };
  return including(raw(), segment.at(payload).count());
}

double octaves_between(Bytes a, Bytes b) {
  const auto log2_of = [](Bytes size) {
    return std::log2(static_cast<double>(std::max<std::uint64_t>(1, size.count)));
  };
  return std::abs(log2_of(a) - log2_of(b));
}

void answer_inside(Estimate& estimate, const CostCurve& curve, Bytes payload) {
  const AlphaBeta& segment = curve.segments[estimate.segment];
  const Interval interval = line_interval(segment, payload, curve.basis);
  estimate.low_s = interval.low;
  estimate.high_s = interval.high;
  estimate.launches_s = answers_of_launches(segment, payload);
}

void answer_in_gap(Estimate& estimate, const CostCurve& curve, Bytes payload) {
  const AlphaBeta& left = curve.segments[estimate.segment];
  const AlphaBeta& right = curve.segments[estimate.segment + 1];
  const auto between = [&](double left_end, double right_end) {
    return log_log_interpolation(static_cast<double>(payload.count), static_cast<double>(left.to.count), left_end,
                                 static_cast<double>(right.from.count), right_end);
  };
  const Interval left_end = line_interval(left, left.to, curve.basis);
  const Interval right_end = line_interval(right, right.from, curve.basis);
  Interval interval{between(left_end.low, right_end.low), between(left_end.high, right_end.high)};
  interval = hull(interval, line_interval(left, payload, curve.basis));
  interval = hull(interval, line_interval(right, payload, curve.basis));
  estimate.low_s = interval.low;
  estimate.high_s = interval.high;
  const std::vector<double> left_ends = answers_of_launches(left, left.to);
  const std::vector<double> right_ends = answers_of_launches(right, right.from);
  for (std::size_t i = 0; i < std::min(left_ends.size(), right_ends.size()); ++i) {
    estimate.launches_s.push_back(between(left_ends[i], right_ends[i]));
  }
}

void mark_extrapolated(Estimate& estimate, const CostCurve& curve, Bytes payload, bool above) {
  const Bytes edge = above ? curve.segments.back().to : curve.segments.front().from;
  const double per_octave = std::log1p(std::max(least_error_per_octave, curve.validation.leave_one_out.p95));
  const Interval widening = around(1, octaves_between(payload, edge) * per_octave);
  estimate.low_s *= widening.low;
  estimate.high_s *= widening.high;
  estimate.extrapolated = true;
  estimate.remark = fmt::format("payload {} is {} measured, {}", to_string(payload),
                                above ? "above the largest" : "below the smallest", to_string(edge));
}

bool is_between_points(const CostCurve& curve, Bytes payload) {
  return curve.points.size() >= 2 && curve.points.front().payload <= payload && payload <= curve.points.back().payload;
}

void widen(Estimate& estimate, Interval interval) {
  const Interval joined = hull({estimate.low_s, estimate.high_s}, interval);
  estimate.low_s = joined.low;
  estimate.high_s = joined.high;
}

// Joins what was said about the segments' answer with the same about the curve's.
void move_to_value(Estimate& estimate, double by_segments) {
  const double factor = by_segments > 0 ? estimate.value_s / by_segments : 1;
  const Interval interval{estimate.low_s, estimate.high_s};
  widen(estimate, including(scaled(interval, factor), estimate.value_s));
  for (double& launch : estimate.launches_s) {
    launch *= factor;
  }
}

}  // namespace

Flags CostModel::flags() const {
  Flags all;
  for (const CostCurve& curve : curves) {
    all.bits |= curve.flags.bits;
  }
  return all;
}

std::optional<StatedLineRate> CostModel::line_rate_between_nodes() const {
  std::optional<StatedLineRate> first;
  for (const StatedLineRate& rate : line_rates) {
    if (is_inter_node(rate.fabric) && (!first || speed_place(rate.fabric) < speed_place(first->fabric))) {
      first = rate;
    }
  }
  return first;
}

double CostCurve::time_at(Bytes payload) const {
  if (is_between_points(*this, payload)) {
    return local_time(neighbourhood_of(points, payload), static_cast<double>(payload.count));
  }
  const double by_segments = cost::time_at(segments, payload);
  if (points.empty() || payload < points.front().payload) {
    return by_segments;
  }
  const double at_largest = cost::time_at(segments, points.back().payload);
  return at_largest > 0 ? by_segments * (points.back().time_s / at_largest) : by_segments;
}

Estimate CostCurve::at(Bytes payload) const {
  const Place place = locate(segments, payload);
  Estimate estimate;
  estimate.value_s = time_at(payload);
  estimate.basis = basis;
  estimate.curve = name();
  estimate.segment = place.segment;
  estimate.in_gap = place.location == Location::in_gap;
  if (estimate.in_gap) {
    answer_in_gap(estimate, *this, payload);
  } else {
    answer_inside(estimate, *this, payload);
  }
  move_to_value(estimate, cost::time_at(segments, payload));
  if (is_between_points(*this, payload)) {
    widen(estimate, around(estimate.value_s, z95 * log_error_between(points, payload)));
  }
  if (place.location == Location::below || place.location == Location::above) {
    mark_extrapolated(estimate, *this, payload, place.location == Location::above);
  }
  return estimate;
}

}  // namespace hockney::cost
