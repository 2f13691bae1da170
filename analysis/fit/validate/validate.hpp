#pragma once

#include <span>
#include <vector>

#include "cost/cost_model.hpp"
#include "fit/segments/fit_curve.hpp"

namespace hockney::fit {

/// |predicted / measured - 1| of every prediction that a validation makes.
struct PredictionErrors {
  std::vector<double> in_sample, single_line_in_sample, least_squares_in_sample;  ///< one per point
  std::vector<double> answer, segments, log_log, single_line, least_squares;      ///< one per size left out
  std::vector<bool> at_switch;  ///< per size left out: it lies between two segments of the other points
};

/// Compares ways to read the same points: the segments, what CostCurve::at answers between measured sizes
/// (local_time()), log-log interpolation between the neighbours, one relative-weighted straight line, one line by
/// ordinary least squares. Each interior payload in turn is left out, everything is fitted again, borders included, and
/// the payload is predicted (the bare segments: by the line, in gaps by log-log interpolation). Curves of fewer than
/// three points hold nothing out. Of more than 258 payloads, at most 64 are held out, evenly spread over their order.
PredictionErrors prediction_errors(std::span<const cost::CurvePoint> points, const SegmentOptions& options = {});

/// The same from segments that are already chosen.
PredictionErrors prediction_errors(std::span<const cost::CurvePoint> points, const SegmentBegins& found,
                                   const SegmentOptions& options);

/// Medians and 95th percentiles of prediction_errors().
cost::Validation summarise(const PredictionErrors& errors);

/// summarise(prediction_errors()).
cost::Validation validate(std::span<const cost::CurvePoint> points, const SegmentOptions& options = {});

}  // namespace hockney::fit
