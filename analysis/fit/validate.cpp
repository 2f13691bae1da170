#include "fit/validate.hpp"

#include <algorithm>
#include <cmath>

#include "cost/segments.hpp"

namespace hockney {
namespace {

double bytes_of(const CurvePoint& point) { return static_cast<double>(point.payload.count); }

double error_of(double predicted, const CurvePoint& point) { return std::abs(predicted / point.time_s - 1); }

ErrorQuantiles quantiles_of(std::span<const double> errors) {
  constexpr double high = 0.95;
  return errors.empty() ? ErrorQuantiles{} : ErrorQuantiles{median(errors), quantile(errors, high)};
}

std::vector<std::size_t> interior(std::size_t size) {
  constexpr std::size_t most = 64;
  const std::size_t available = size < 2 ? 0 : size - 2;
  const std::size_t count = std::min(available, most);
  std::vector<std::size_t> indices(count);
  for (std::size_t i = 0; i < count; ++i) {
    indices[i] = 1 + i * available / count;
  }
  return indices;
}

double between_neighbours(std::span<const CurvePoint> points, std::size_t index) {
  const CurvePoint& left = points[index - 1];
  const CurvePoint& right = points[index + 1];
  return log_log_interpolation(bytes_of(points[index]), bytes_of(left), left.time_s, bytes_of(right), right.time_s);
}

}  // namespace

Validation validate(std::span<const CurvePoint> points, std::span<const AlphaBeta> fitted,
                    const SegmentOptions& options) {
  const Line line = fit_line(points);
  std::vector<double> in_sample;
  std::vector<double> line_in_sample;
  for (const CurvePoint& point : points) {
    in_sample.push_back(error_of(time_at(fitted, point.payload), point));
    line_in_sample.push_back(error_of(line.at(bytes_of(point)), point));
  }
  std::vector<double> by_segments;
  std::vector<double> by_neighbours;
  std::vector<double> by_line;
  for (const std::size_t i : interior(points.size())) {
    std::vector<CurvePoint> others(points.begin(), points.end());
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    by_segments.push_back(error_of(time_at(fit_curve(others, options).segments, points[i].payload), points[i]));
    by_neighbours.push_back(error_of(between_neighbours(points, i), points[i]));
    by_line.push_back(error_of(fit_line(others).at(bytes_of(points[i])), points[i]));
  }
  return {.in_sample = quantiles_of(in_sample),
          .leave_one_out = quantiles_of(by_segments),
          .log_log = quantiles_of(by_neighbours),
          .single_line = quantiles_of(by_line),
          .single_line_in_sample = quantiles_of(line_in_sample),
          .held_out = static_cast<std::uint32_t>(by_segments.size())};
}

}  // namespace hockney
