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

/// The search for the borders of one curve, by dynamic programming over all of them.
class SegmentSearch {
 public:
  /// O(n^3) for n points; above 256 points borders are sought before every ceil(n/128)-th point, and where a
  /// run of labels begins, only. Throws Failure for fewer than least_points points
  /// and unless least_points >= 2 and most_segments >= 1.
  SegmentSearch(std::span<const cost::CurvePoint> points, const SegmentOptions& options);

  /// The best segmentation.
  SegmentBegins best() const;

  std::span<const FitPoint> points() const { return points_; }

 private:
  double& segment_cost(std::size_t i, std::size_t j) { return costs_[i * borders_.size() + j]; }
  std::size_t possible_segments() const;
  void fill_costs();
  void search();

  SegmentOptions options_;
  std::vector<FitPoint> points_;
  std::vector<std::size_t> runs_;     // by point
  std::vector<std::size_t> borders_;  // where a segment may begin, and the end
  std::size_t most_ = 0;              // segments
  std::vector<double> costs_;         // [left border][right border]
  // of the best segmentation of [0, border) by its number of segments: [segments][border]
  std::vector<std::vector<double>> least_cost_;         // infinite where there is none
  std::vector<std::vector<std::size_t>> last_segment_;  // the left border of its last segment
};

}  // namespace hockney::fit
