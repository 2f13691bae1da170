#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "cost/cost_model.hpp"
#include "record/line_fit.hpp"

namespace hockney::fit {

/// How many segments a curve may get, and how they are fitted.
struct SegmentOptions {
  std::size_t most_segments = 10;  ///< where labels force more, as many as they force
  std::size_t least_points = 2;    ///< per segment, >= 2; fewer only where labels leave fewer
  bool robust = false;  ///< Huber's loss instead of squares, for single numbers with disturbed ones among them
};

/// A point as the search for segments reads it.
struct FitPoint {
  double payload = 0;        ///< bytes
  double time = 0;           ///< s
  double weight = 0;         ///< 1 / (time sigma)^2, s^-2
  double inverse_error = 0;  ///< 1 / sigma, sigma the standard deviation of ln t
};
std::vector<FitPoint> fit_points(std::span<const cost::CurvePoint> points);

/// Points by label: the same number for neighbours that may share a segment, ascending from 0. A new run begins where
/// two neighbours both have a label and the labels differ. A run of fewer than `least_points` joins a neighbouring run
/// of the same algorithm and protocol (other channels only), the left one first; one without stays as short as it is.
std::vector<std::size_t> label_runs(std::span<const cost::CurvePoint> points, std::size_t least_points);

/// The line of some points: weighted least squares, or, where robust, ten rounds of reweighting by Huber's function
/// with delta = 1.345 on (line / t - 1) / sigma (95 % efficient on normal noise: Huber 1981).
Line line_of(std::span<const FitPoint> points, bool robust);

/// Sum over points of rho((line / t - 1) / sigma), rho(r) = r^2, or Huber's: 2 delta |r| - delta^2 beyond delta. Stops
/// and returns infinity when the sum passes `limit`.
double cost_of(const Line& line, std::span<const FitPoint> points, bool robust, double limit);

}  // namespace hockney::fit
