#include "cost/local_law.hpp"

#include <algorithm>
#include <cmath>

namespace hockney::cost {
namespace {

constexpr double octaves_that_count_in_full = 2;

MeasuredTime measured(const CurvePoint& point) { return {static_cast<double>(point.payload.count), point.time_s}; }

// 0 at the left payload, 1 at the right one, on the log scale.
double position_of(double payload, const MeasuredTime& left, const MeasuredTime& right) {
  return std::log(payload / left.payload_bytes) / std::log(right.payload_bytes / left.payload_bytes);
}

double share_of_distance(const MeasuredTime& left, const MeasuredTime& right) {
  return std::min(1.0, std::log2(right.payload_bytes / left.payload_bytes) / octaves_that_count_in_full);
}

double power_law(double payload, const MeasuredTime& left, const MeasuredTime& right) {
  return left.time_s * std::pow(right.time_s / left.time_s, position_of(payload, left, right));
}

double falling(double payload, const MeasuredTime& left, const MeasuredTime& right) {
  constexpr double middle = 0.5;
  const double position = position_of(payload, left, right);
  const double weight = share_of_distance(left, right) * std::min(1.0, position / middle);
  return left.time_s * std::pow(right.time_s / left.time_s, position + (1 - position) * weight);
}

double between(double payload, const MeasuredTime& left, const MeasuredTime& right) {
  if (right.time_s < left.time_s) {
    return falling(payload, left, right);
  }
  if (right.time_s * left.payload_bytes > left.time_s * right.payload_bytes) {
    return power_law(payload, left, right);
  }
  return std::lerp(left.time_s, right.time_s,
                   (payload - left.payload_bytes) / (right.payload_bytes - left.payload_bytes));
}

// Second difference of ln t at `middle`, per squared unit of ln m, against the law through the other two.
double bend(const MeasuredTime& left, const MeasuredTime& middle, const MeasuredTime& right) {
  const double departure = std::log(middle.time_s / between(middle.payload_bytes, left, right));
  return departure /
         (std::log(middle.payload_bytes / left.payload_bytes) * std::log(right.payload_bytes / middle.payload_bytes));
}

double minmod(double a, double b) { return a * b <= 0 ? 0 : std::copysign(std::min(std::abs(a), std::abs(b)), a); }

// Curvature across a change of algorithm or protocol is none.
const CurvePoint* if_same_label(const CurvePoint& outer, const CurvePoint& inner) {
  return outer.label == inner.label ? &outer : nullptr;
}

Neighbourhood around_gap(std::span<const CurvePoint> points, std::size_t left, std::size_t right) {
  return {.left = measured(points[left]),
          .right = measured(points[right]),
          .before = left >= 1 ? if_same_label(points[left - 1], points[left]) : nullptr,
          .after = right + 1 < points.size() ? if_same_label(points[right + 1], points[right]) : nullptr};
}

// Index of the right one of the two neighbours.
std::size_t right_of(std::span<const CurvePoint> points, Bytes payload) {
  const auto next = std::upper_bound(points.begin() + 1, points.end() - 1, payload,
                                     [](Bytes size, const CurvePoint& point) { return size < point.payload; });
  return static_cast<std::size_t>(next - points.begin());
}

}  // namespace

double local_time(const Neighbourhood& around, double payload_bytes) {
  const auto& [left, right, before, after] = around;
  const double straight = between(payload_bytes, left, right);
  if (before == nullptr || after == nullptr || right.time_s < left.time_s) {
    return straight;
  }
  const double curvature = minmod(bend(measured(*before), left, right), bend(left, right, measured(*after)));
  if (curvature == 0) {
    return straight;
  }
  const double lever = std::log(payload_bytes / left.payload_bytes) * std::log(right.payload_bytes / payload_bytes);
  return straight * std::exp(share_of_distance(left, right) * curvature * lever);
}

Neighbourhood neighbourhood_of(std::span<const CurvePoint> points, Bytes payload) {
  const std::size_t right = right_of(points, payload);
  return around_gap(points, right - 1, right);
}

Neighbourhood neighbourhood_without(std::span<const CurvePoint> points, std::size_t index) {
  return around_gap(points, index - 1, index + 1);
}

double log_error_between(std::span<const CurvePoint> points, Bytes payload) {
  const std::size_t right = right_of(points, payload);
  double squares = 0;
  double count = 0;
  for (const std::size_t i : {right - 1, right}) {
    if (i >= 1 && i + 1 < points.size()) {
      const MeasuredTime point = measured(points[i]);
      squares +=
          std::pow(std::log(point.time_s / local_time(neighbourhood_without(points, i), point.payload_bytes)), 2);
      ++count;
    }
  }
  const double position =
      position_of(static_cast<double>(payload.count), measured(points[right - 1]), measured(points[right]));
  return count > 0 ? 4 * position * (1 - position) * std::sqrt(squares / count) : 0;
}

}  // namespace hockney::cost
