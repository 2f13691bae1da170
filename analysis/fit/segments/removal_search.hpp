#pragma once

#include <cstddef>
#include <vector>

#include "fit/segments/segment_search.hpp"

namespace hockney::fit {

/// The search for borders of a curve without one of its points, from the tables of the whole curve: a segmentation of
/// the other points is the best one of what lies to the left, at most one segment that spans the missing point, and the
/// best one of what lies to the right. Only spanning segments are fitted anew, and of those only the ones that could
/// still win.
class RemovalSearch {
 public:
  /// `whole` must outlive this. O(K n^2) additions.
  explicit RemovalSearch(const SegmentSearch& whole);

  /// The best segmentation of all points but the interior one at `index`; begins count in the points that are left. The
  /// same as a SegmentSearch of those, ties aside; where labels, over 256 points or the robust loss make that
  /// necessary, it is one. Throws Failure where too few points are left.
  SegmentBegins without(std::size_t index) const;

 private:
  struct Joint;

  bool shares_tables() const;
  void search_right();
  std::vector<double> best_with_penalty(const SegmentSide& side) const;
  void try_joint(std::size_t left, std::size_t right, double spanning_cost, bool spanning, Joint& joint) const;
  void try_segment_of_whole(std::size_t index, Joint& joint) const;
  void try_spanning(std::size_t index, Joint& joint) const;
  SegmentBegins begins_of(const Joint& joint, std::size_t index) const;

  const SegmentSearch& whole_;
  double log_size_ = 0;  // of the points that are left
  std::vector<std::size_t> begins_of_whole_;
  SegmentSide right_;              // segments of [border, size)
  std::vector<double> best_left_;  // over all numbers of segments, each paid for: [border]
  std::vector<double> best_right_;
};

}  // namespace hockney::fit
