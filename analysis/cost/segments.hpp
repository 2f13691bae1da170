#pragma once

#include <cstddef>
#include <span>

#include "base/bytes.hpp"
#include "cost/cost_model.hpp"

namespace hockney::cost {

/// Where a payload lies among the segments of a curve.
enum class Location { inside, in_gap, below, above };

/// The segment that answers for a payload: the left one in a gap, the nearest one outside the measured range.
struct Place {
  Location location = Location::inside;
  std::size_t segment = 0;
};

/// Finds the place of a payload among ascending, disjoint segments. Throws Failure when there is none.
Place locate(std::span<const AlphaBeta> segments, Bytes payload);

/// Time at a payload by the rule of CostCurve::at, s, without its interval.
double time_at(std::span<const AlphaBeta> segments, Bytes payload);

/// What a straight line is not trusted beyond, a fraction: a part of CurvePoint::relative_error, in quadrature.
inline constexpr double error_of_lines = 0.01;

/// Half of the 95 % interval of a measured point's time on the log scale, so that the interval is time exp(-+half):
/// half^2 = (q e)^2 + (1.96 error_of_lines)^2, where e is the point's error without error_of_lines. Of several
/// launches, whose scatter e was made from, q is Student's quantile for as many; of one launch it is 1.96.
double log_half_width(const CostCurve& curve, const CurvePoint& point);

/// Power law through (x0, y0) and (x1, y1), read at x: linear interpolation of ln y over ln x. All arguments > 0.
double log_log_interpolation(double x, double x0, double y0, double x1, double y1);

}  // namespace hockney::cost
