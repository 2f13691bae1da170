#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "cost/cost_model.hpp"
#include "fit/segments/segment_search.hpp"
#include "record/line_fit.hpp"

namespace hockney::fit {

/// The segments that the data ask for.
struct Segmentation {
  std::vector<cost::AlphaBeta> segments;  ///< ascending, disjoint, not continuous
  std::vector<cost::Border> borders;      ///< one between every two segments
  bool capped = false;                    ///< the criterion chose most_segments: more might have been better
};

/// Fits t(m) = alpha + beta m piecewise. `points` must ascend in payload; their relative_error is the standard
/// deviation sigma of ln t, floor included.
///
/// Within a segment: weighted least squares with w = 1/(t sigma)^2 and alpha, beta >= 0. Cost of a segment: the sum
/// that its line minimises, of ((fit/t - 1)/sigma)^2; validation reports the same |fit/t - 1|. Borders: the exact
/// optimum by dynamic programming over all of them. Number of segments k: the least cost + (3k - 1) ln n, the Bayesian
/// information criterion for known noise (2 parameters per segment and k - 1 borders); of few payloads the hold-out may
/// choose fewer (choose_segments()). Nothing is asked of neighbouring
/// segments: time may jump or drop where a library switches protocol. Where labels differ (label_runs()) there is a
/// border in any case, and the criterion only adds others.
///
/// The covariance of each segment is that of the weighted fit times max(1, chi^2/dof) (the Particle Data Group's scale
/// factor; dof counts no parameter that is held at 0), and the 95 % intervals are value +- 1.96 standard errors, cut at
/// 0. They cover what the points' errors say and misfit, nothing else. A parameter held at 0 keeps the free solution's
/// standard error. A segment of one point, which only labels can make, has its time as alpha and beta 0.
///
/// O(n^3) for n points; above 256 points as SegmentSearch says. Throws Failure as that does.
Segmentation fit_curve(std::span<const cost::CurvePoint> points, const SegmentOptions& options = {});

/// The segments of a curve whose borders are known.
Segmentation describe_segments(std::span<const cost::CurvePoint> points, const SegmentBegins& found,
                               const SegmentOptions& options);

/// One line over all points with the same weights.
Line fit_line(std::span<const cost::CurvePoint> points);

}  // namespace hockney::fit
