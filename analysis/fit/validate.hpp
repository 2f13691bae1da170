#pragma once

#include <span>

#include "cost/cost_model.hpp"
#include "fit/fit_curve.hpp"

namespace hockney {

/// Compares three ways to read the same points: `fitted` (the segments of all points), log-log interpolation between
/// the neighbours, and one relative-weighted straight line. Each interior payload in turn is left out, everything is
/// fitted again, borders included, and the payload is predicted (segments: by the rule of CostCurve::at). Errors are
/// |predicted / measured - 1|. Curves of fewer than three points hold nothing out. Of more than 66 payloads, at
/// most 64 are held out, evenly spread over their order.
Validation validate(std::span<const CurvePoint> points, std::span<const AlphaBeta> fitted,
                    const SegmentOptions& options = {});

}  // namespace hockney
