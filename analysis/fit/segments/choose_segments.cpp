#include "fit/segments/choose_segments.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "cost/segments.hpp"

namespace hockney::fit {
namespace {

SegmentOptions with_most(SegmentOptions options, std::size_t segments) {
  options.most_segments = segments;
  return options;
}

// Mean squared log error at the interior payloads, each left out in turn.
double held_out_error(std::span<const cost::CurvePoint> points, std::span<const FitPoint> fitted,
                      const SegmentOptions& options) {
  double sum = 0;
  for (std::size_t i = 1; i + 1 < points.size(); ++i) {
    const SegmentBegins found = SegmentSearch(without(points, i), options).best();
    const double answer = answer_of_segments(without(fitted, i), found, i, fitted[i].payload, options.robust).time;
    sum += std::pow(std::log(answer / fitted[i].time), 2);
  }
  return sum / static_cast<double>(points.size() - 2);
}

}  // namespace

SegmentsAnswer answer_of_segments(std::span<const FitPoint> others, const SegmentBegins& found, std::size_t index,
                                  double payload, bool robust) {
  const auto next = std::upper_bound(found.begins.begin(), found.begins.end(), index);
  const auto line_between = [&](auto begin, auto end) {
    const std::size_t stop = end == found.begins.end() ? others.size() : *end;
    return line_of(others.subspan(*begin, stop - *begin), robust);
  };
  if (*(next - 1) != index) {
    return {line_between(next - 1, next).at(payload), false};
  }
  const FitPoint& left = others[index - 1];
  const FitPoint& right = others[index];
  return {cost::log_log_interpolation(payload, left.payload, line_between(next - 2, next - 1).at(left.payload),
                                      right.payload, line_between(next - 1, next).at(right.payload)),
          true};
}

SegmentBegins choose_segments(std::span<const cost::CurvePoint> points, const SegmentOptions& options) {
  constexpr double as_good = 1.05;
  constexpr std::size_t least_to_hold_out = 4;
  const SegmentSearch search(points, options);
  const SegmentBegins by_criterion = search.best();
  if (points.size() >= few_payloads || points.size() < least_to_hold_out || by_criterion.begins.size() == 1) {
    return by_criterion;
  }
  std::vector<double> errors;
  for (std::size_t most = 1; most <= by_criterion.begins.size(); ++most) {
    errors.push_back(held_out_error(points, search.points(), with_most(options, most)));
  }
  const double limit = as_good * *std::min_element(errors.begin(), errors.end());
  const auto chosen = std::find_if(errors.begin(), errors.end(), [&](double error) { return error <= limit; });
  const auto most = static_cast<std::size_t>(chosen - errors.begin()) + 1;
  if (chosen == errors.end() || most == by_criterion.begins.size()) {
    return by_criterion;
  }
  SegmentBegins fewer = SegmentSearch(points, with_most(options, most)).best();
  fewer.capped = false;
  return fewer;
}

}  // namespace hockney::fit
