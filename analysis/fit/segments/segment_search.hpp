#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "fit/segments/segment_costs.hpp"

namespace hockney::fit {

/// Where segments begin.
struct SegmentBegins {
  std::vector<std::size_t> begins;  ///< index of each segment's first point, ascending, the first one 0
  bool capped = false;  ///< the criterion chose the greatest number of segments: more might have been better
};

/// The known-noise Bayesian information criterion's price of k segments among n points, (3k - 1) ln n: two parameters a
/// segment and the borders between them.
double segment_penalty(std::size_t segments, double log_size);

/// Best segmentations of all that lies on one side of a border, by number of segments and border.
struct SegmentSide {
  std::vector<std::vector<double>> cost;       ///< least sum of costs; infinite where there is none
  std::vector<std::vector<std::size_t>> next;  ///< the other border of the segment that touches the border
};

/// The search for the borders of one curve, by dynamic programming over all of them.
class SegmentSearch {
 public:
  /// O(n^3) for n points; above 256 points borders are sought before every ceil(n/128)-th point, and where a
  /// run of labels begins, only. `points` must outlive the search. Throws Failure for fewer than least_points points
  /// and unless least_points >= 2 and most_segments >= 1.
  SegmentSearch(std::span<const cost::CurvePoint> points, const SegmentOptions& options);

  /// The best segmentation.
  SegmentBegins best() const;

  std::span<const FitPoint> points() const { return points_; }

 private:
  friend class RemovalSearch;

  double& segment_cost(std::size_t i, std::size_t j) { return costs_[i * borders_.size() + j]; }
  double segment_cost(std::size_t i, std::size_t j) const { return costs_[i * borders_.size() + j]; }
  std::size_t possible_segments() const;
  void fill_costs();
  SegmentSide search_left() const;

  std::span<const cost::CurvePoint> source_;
  SegmentOptions options_;
  std::vector<FitPoint> points_;
  std::vector<std::size_t> runs_;     // by point
  std::vector<std::size_t> borders_;  // where a segment may begin, and the end
  std::size_t most_ = 0;              // segments
  std::vector<double> costs_;         // [left border][right border]
  SegmentSide left_;                  // segments of [0, border)
};

}  // namespace hockney::fit
