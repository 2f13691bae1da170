#include "fit/segments/fit_curve.hpp"

#include <algorithm>
#include <cmath>

#include "fit/segments/choose_segments.hpp"
#include "record/deviates.hpp"

namespace hockney::fit {
namespace {

Interval non_negative(double value, double variance) {
  const double half = z95 * std::sqrt(variance);
  return {std::max(0.0, value - half), value + half};
}

// What the points of a segment say of its line's parameters.
LineCovariance covariance_of(std::span<const FitPoint> points) {
  if (points.size() == 1) {
    return {.aa = 1 / points.front().weight};
  }
  LineFit sums;
  for (const FitPoint& point : points) {
    sums.add(point.payload, point.time, point.weight);
  }
  return sums.covariance();
}

double misfit_scale(const Line& line, std::span<const FitPoint> points) {
  double chi_square = 0;
  for (const FitPoint& point : points) {
    chi_square += std::pow((line.at(point.payload) / point.time - 1) * point.inverse_error, 2);
  }
  const double parameters = line.alpha_s > 0 && line.beta_s_per_byte > 0 ? 2 : 1;  // one held at 0 is not fitted
  const double freedom = static_cast<double>(points.size()) - parameters;
  return freedom > 0 ? std::max(1.0, chi_square / freedom) : 1;
}

cost::AlphaBeta describe(std::span<const cost::CurvePoint> source, std::span<const FitPoint> points, bool robust) {
  const Line line = line_of(points, robust);
  const double scale = misfit_scale(line, points);
  const LineCovariance covariance = covariance_of(points);
  std::vector<double> residuals;
  for (const FitPoint& point : points) {
    residuals.push_back(std::abs(line.at(point.payload) / point.time - 1));
  }
  cost::AlphaBeta segment;
  segment.from = source.front().payload;
  segment.to = source.back().payload;
  segment.alpha_s = line.alpha_s;
  segment.beta_s_per_byte = line.beta_s_per_byte;
  segment.covariance_aa = scale * covariance.aa;
  segment.covariance_ab = scale * covariance.ab;
  segment.covariance_bb = scale * covariance.bb;
  segment.alpha_interval_s = non_negative(line.alpha_s, segment.covariance_aa);
  segment.beta_interval_s_per_byte = non_negative(line.beta_s_per_byte, segment.covariance_bb);
  segment.points = static_cast<std::uint32_t>(points.size());
  segment.residual_median = median(residuals);
  segment.residual_max = *std::max_element(residuals.begin(), residuals.end());
  return segment;
}

cost::Border describe_border(const cost::CurvePoint& below, const cost::CurvePoint& above) {
  constexpr double exact_ratio = 1.01;
  cost::Border border{.after = below.payload, .before = above.payload};
  border.earliest = border.after;
  border.latest = border.before;
  border.forced = !below.label.empty() && !above.label.empty() && below.label != above.label;
  border.exact = border.forced &&
                 static_cast<double>(above.payload.count) <= exact_ratio * static_cast<double>(below.payload.count);
  return border;
}

}  // namespace

Line fit_line(std::span<const cost::CurvePoint> points) { return line_of(fit_points(points), false); }

Segmentation describe_segments(std::span<const cost::CurvePoint> points, const SegmentBegins& found,
                               const SegmentOptions& options) {
  const std::vector<FitPoint> fitted = fit_points(points);
  Segmentation result;
  for (std::size_t k = 0; k < found.begins.size(); ++k) {
    const std::size_t begin = found.begins[k];
    const std::size_t end = k + 1 < found.begins.size() ? found.begins[k + 1] : points.size();
    result.segments.push_back(
        describe(points.subspan(begin, end - begin), std::span(fitted).subspan(begin, end - begin), options.robust));
    if (k > 0) {
      result.borders.push_back(describe_border(points[begin - 1], points[begin]));
    }
  }
  result.capped = found.capped;
  return result;
}

Segmentation fit_curve(std::span<const cost::CurvePoint> points, const SegmentOptions& options) {
  return describe_segments(points, choose_segments(points, options), options);
}

}  // namespace hockney::fit
