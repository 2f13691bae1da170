#pragma once

#include <cstddef>
#include <span>

#include "cost/cost_model.hpp"

namespace hockney::cost {

/// A payload in bytes and its measured time in seconds, both above 0.
struct MeasuredTime {
  double payload_bytes = 0;
  double time_s = 0;
};

/// The measured sizes around a payload: the two neighbours, and one more on either side where there is one.
struct Neighbourhood {
  MeasuredTime left, right;            ///< left.payload <= payload <= right.payload, left.payload < right.payload
  const CurvePoint* before = nullptr;  ///< the next smaller size than left, of the same label; null: none
  const CurvePoint* after = nullptr;   ///< the next larger size than right, likewise
};

/// Time at a payload between two measured sizes, s, from those and the next ones alone:
///
///   t(right) >= t(left), and at most in proportion to the payload: the alpha-beta law through both, alpha, beta >= 0;
///   t(right) > t(left) by more than that: no such law passes through both; the power law (log-log interpolation);
///   t(right) < t(left): a library switched, or something disturbed the left one (interference only ever adds time).
///     No alpha-beta law falls, so the smaller time is what the left one tends to: from log-log interpolation at the
///     left end to the right time at the middle and beyond.
///
/// Except for falling times, that is then bent by what both outer neighbours say of curvature: the second difference,
/// on the log scale, of `left` from the law through `before` and `right`, and of `right` from that through `left` and
/// `after`; the smaller of the two where they agree in sign, else none (minmod: van Leer 1979,
/// doi:10.1016/0021-9991(79)90145-1).
///
/// Bending and the preference of the smaller time count in full where the neighbours lie two octaves apart, in
/// proportion to log2(right/left) below: what differs between sizes close together is noise. The answer is exact at
/// both measured sizes, and everywhere on an alpha-beta law. Allocates nothing.
double local_time(const Neighbourhood& around, double payload_bytes);

/// The neighbourhood of a payload among ascending points, whose front and back it must not leave.
Neighbourhood neighbourhood_of(std::span<const CurvePoint> points, Bytes payload);

/// The neighbourhood of an interior point as if it had not been measured: 1 <= index <= points.size() - 2.
Neighbourhood neighbourhood_without(std::span<const CurvePoint> points, std::size_t index);

/// How far the answer between two measured sizes may be off, as the logarithm of a factor, one standard deviation:
///
///   4 p (1 - p) rms(e_left, e_right)
///
/// p is the position of the payload between its neighbours on the log scale, 0 to 1; e is ln(measured / local_time())
/// of a neighbour that is left out itself, of interior points only. A law that misses what was measured here misses
/// what was not; at a measured size nothing is left to miss. 0 where neither neighbour is an interior point.
double log_error_between(std::span<const CurvePoint> points, Bytes payload);

}  // namespace hockney::cost
