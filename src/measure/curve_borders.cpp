#include "measure/curve_borders.hpp"

#include <cmath>
#include <limits>

#include "record/line_fit.hpp"

namespace hockney::measure {
namespace {

double payload_of(const CurveSample& point) { return static_cast<double>(point.payload.count); }

double error_of(const CurveSample& point) { return std::hypot(point.relative_error, line_floor); }

void add(LineFit& sums, const CurveSample& point) {
  const double error = point.time_s * error_of(point);
  sums.add(payload_of(point), point.time_s, 1 / (error * error));
}

Line line_of(std::span<const CurveSample> points) {
  LineFit sums;
  for (const CurveSample& point : points) {
    add(sums, point);
  }
  return sums.best();
}

double cost_of(const Line& line, std::span<const CurveSample> points) {
  double cost = 0;
  for (const CurveSample& point : points) {
    const double residual = (line.at(payload_of(point)) / point.time_s - 1) / error_of(point);
    cost += residual * residual;
  }
  return cost;
}

/// [point]: a new number wherever the label is another one than that of the last point that has one.
std::vector<std::size_t> runs_of(std::span<const CurveSample> points) {
  std::vector<std::size_t> runs;
  std::string label;
  for (const CurveSample& point : points) {
    const bool is_new = !label.empty() && !point.label.empty() && label != point.label;
    runs.push_back((runs.empty() ? 0 : runs.back()) + (is_new ? 1 : 0));
    label = point.label.empty() ? label : point.label;
  }
  return runs;
}

/// Whether points [begin, end) may be one segment.
bool is_possible(const std::vector<std::size_t>& runs, std::size_t begin, std::size_t end) {
  const bool has_two = end - begin > 1;
  const bool is_whole_run =
      (begin == 0 || runs[begin - 1] != runs[begin]) && (end == runs.size() || runs[end] != runs[end - 1]);
  return runs[begin] == runs[end - 1] && (has_two || is_whole_run);
}

/// Where the segments of the best partition begin.
std::vector<std::size_t> best_begins(std::span<const CurveSample> points) {
  const std::vector<std::size_t> runs = runs_of(points);
  const double price = 3 * std::log(static_cast<double>(points.size()));
  std::vector<double> least(points.size() + 1, std::numeric_limits<double>::infinity());
  std::vector<std::size_t> last(points.size() + 1, 0);
  least[0] = 0;
  for (std::size_t begin = 0; begin < points.size(); ++begin) {
    LineFit sums;
    for (std::size_t end = begin + 1; end <= points.size(); ++end) {
      add(sums, points[end - 1]);
      if (is_possible(runs, begin, end)) {
        const double cost = least[begin] + price + cost_of(sums.best(), points.subspan(begin, end - begin));
        if (cost < least[end]) {
          least[end] = cost;
          last[end] = begin;
        }
      }
    }
  }
  std::vector<std::size_t> begins;
  for (std::size_t end = points.size(); end > 0; end = last[end]) {
    begins.insert(begins.begin(), last[end]);
  }
  return begins;
}

}  // namespace

std::vector<CurveBorder> find_borders(std::span<const CurveSample> points) {
  std::vector<CurveBorder> borders;
  if (points.size() < 2) {
    return borders;
  }
  const std::vector<std::size_t> begins = best_begins(points);
  for (std::size_t k = 1; k < begins.size(); ++k) {
    const std::size_t begin = begins[k];
    const std::size_t end = k + 1 < begins.size() ? begins[k + 1] : points.size();
    const double middle = std::sqrt(payload_of(points[begin - 1]) * payload_of(points[begin]));
    const Line left = line_of(points.subspan(begins[k - 1], begin - begins[k - 1]));
    const Line right = line_of(points.subspan(begin, end - begin));
    borders.push_back({begin - 1, std::abs(std::log(left.at(middle) / right.at(middle)))});
  }
  return borders;
}

}  // namespace hockney::measure
