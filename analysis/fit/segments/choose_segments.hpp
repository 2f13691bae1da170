#pragma once

#include <cstddef>
#include <span>

#include "fit/segments/segment_search.hpp"

namespace hockney::fit {

/// What segments say at a payload.
struct SegmentsAnswer {
  double time = 0;      ///< s
  bool in_gap = false;  ///< it lies between two segments
};

/// What the segments `found` among `others` say at a payload that lies before others[index], index in [1, size): the
/// line of its segment, in a gap log-log interpolation between the ends of both lines.
SegmentsAnswer answer_of_segments(std::span<const FitPoint> others, const SegmentBegins& found, std::size_t index,
                                  double payload, bool robust);

/// Points without one of them.
template <class Point>
std::vector<Point> without(std::span<const Point> points, std::size_t index) {
  std::vector<Point> others(points.begin(), points.end());
  others.erase(others.begin() + static_cast<std::ptrdiff_t>(index));
  return others;
}

/// Below so many payloads the hold-out chooses how many segments there are.
inline constexpr std::size_t few_payloads = 14;

/// The segments of a curve: SegmentSearch::best(). Of few payloads the criterion alone makes as many segments as there
/// are pairs of points, which nothing tests; there each interior payload is left out in turn, and of the numbers of
/// segments up to the criterion's the smallest is taken whose mean squared log error is within 5 % of the least. Labels
/// force their borders in any case.
SegmentBegins choose_segments(std::span<const cost::CurvePoint> points, const SegmentOptions& options);

}  // namespace hockney::fit
