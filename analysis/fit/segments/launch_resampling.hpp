#pragma once

#include "cost/cost_model.hpp"
#include "fit/gather.hpp"
#include "fit/segments/fit_curve.hpp"

namespace hockney::fit {

/// Fits the segments again to 100 resamples of the launches (with replacement, from a fixed seed) and writes down how
/// often their number k came out the same (CostCurve::k_stability) and how far the borders moved in those resamples
/// (Border::earliest and latest, 2.5th and 97.5th percentile). Points keep the relative error of the pooled fit. Does
/// nothing with fewer than two launches.
void add_stability(cost::CostCurve& curve, const CurveData& data, const SegmentOptions& options);

/// Each launch in turn is left out, segments are fitted to the medians of the others, and the launch's times between
/// their smallest and largest size are predicted: |predicted / measured - 1|. Empty with fewer than two launches.
std::vector<double> leave_one_launch_out_errors(const CurveData& data, const SegmentOptions& options);

}  // namespace hockney::fit
