#include "cost/segments.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "record/deviates.hpp"

namespace hockney::cost {

Place locate(std::span<const AlphaBeta> segments, Bytes payload) {
  if (segments.empty()) {
    throw Failure("a cost curve without segments was asked for a time");
  }
  if (payload < segments.front().from) {
    return {Location::below, 0};
  }
  const auto next = std::upper_bound(segments.begin(), segments.end(), payload,
                                     [](Bytes size, const AlphaBeta& segment) { return size < segment.from; });
  const auto index = static_cast<std::size_t>(next - segments.begin()) - 1;
  if (payload <= segments[index].to) {
    return {Location::inside, index};
  }
  return {next == segments.end() ? Location::above : Location::in_gap, index};
}

double log_half_width(const CostCurve& curve, const CurvePoint& point) {
  const double own_squared = std::pow(point.relative_error, 2) - std::pow(error_of_lines, 2);
  const double own = std::sqrt(std::max(0.0, own_squared));
  return std::hypot(deviate_of_launches(curve.launches) * own, z95 * error_of_lines);
}

double log_log_interpolation(double x, double x0, double y0, double x1, double y1) {
  return std::exp(std::lerp(std::log(y0), std::log(y1), std::log(x / x0) / std::log(x1 / x0)));
}

double time_at(std::span<const AlphaBeta> segments, Bytes payload) {
  const Place place = locate(segments, payload);
  const AlphaBeta& left = segments[place.segment];
  if (place.location != Location::in_gap) {
    return left.at(payload).count();
  }
  const AlphaBeta& right = segments[place.segment + 1];
  return log_log_interpolation(static_cast<double>(payload.count), static_cast<double>(left.to.count),
                               left.at(left.to).count(), static_cast<double>(right.from.count),
                               right.at(right.from).count());
}

}  // namespace hockney::cost
