#pragma once

#include <span>

#include "record/statistics.hpp"

namespace hockney::compare {

/// How far apart the means of two samples lie, and how sure that is.
struct Difference {
  double value = 0;           ///< mean of the second sample - mean of the first
  double standard_error = 0;  ///< of the value; 0 where no value differs from its sample's mean, so that nothing is
                              ///< known of it: nothing is then certain, and the interval is endless
  double freedom = 0;         ///< degrees of freedom of the standard error

  /// value -+ t(confidence, freedom) * standard_error.
  Interval interval(double confidence = 0.95) const;
  /// Two-sided p-value of the hypothesis that the means are equal.
  double p_if_equal() const;
  /// p-value of the hypothesis that the means differ by `margin` or more, by two one-sided tests: the larger of both
  /// (Schuirmann 1987, doi:10.1007/BF01068419).
  double p_if_apart(double margin) const;
};

/// Of samples of possibly different variance (Welch 1947, doi:10.1093/biomet/34.1-2.28), with Satterthwaite's degrees
/// of freedom. Throws Failure for fewer than two values in either.
Difference welch(std::span<const double> first, std::span<const double> second);

/// Of values that belong together two by two, as both were measured in one launch: Student's t of their differences.
/// Throws Failure for fewer than two pairs and for samples of different size.
Difference paired(std::span<const double> first, std::span<const double> second);

}  // namespace hockney::compare
