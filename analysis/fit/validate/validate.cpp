#include "fit/validate/validate.hpp"

#include <algorithm>
#include <cmath>

#include "cost/local_law.hpp"
#include "cost/segments.hpp"
#include "fit/segments/choose_segments.hpp"

namespace hockney::fit {
namespace {

double error_of(double predicted, const FitPoint& point) { return std::abs(predicted / point.time - 1); }

std::vector<std::size_t> interior(std::size_t size) {
  constexpr std::size_t all_up_to = 256;
  constexpr std::size_t most_of_many = 64;
  const std::size_t available = size < 2 ? 0 : size - 2;
  const std::size_t count = available <= all_up_to ? available : most_of_many;
  std::vector<std::size_t> indices(count);
  for (std::size_t i = 0; i < count; ++i) {
    indices[i] = 1 + i * available / count;
  }
  return indices;
}

Line least_squares_line(std::span<const FitPoint> points) {
  LineFit sums;
  for (const FitPoint& point : points) {
    sums.add(point.payload, point.time, 1);
  }
  return sums.free();
}

void add_in_sample(PredictionErrors& errors, std::span<const FitPoint> points, const std::vector<std::size_t>& begins,
                   bool robust) {
  for (std::size_t k = 0; k < begins.size(); ++k) {
    const std::size_t end = k + 1 < begins.size() ? begins[k + 1] : points.size();
    const auto segment = points.subspan(begins[k], end - begins[k]);
    const Line line = line_of(segment, robust);
    for (const FitPoint& point : segment) {
      errors.in_sample.push_back(error_of(line.at(point.payload), point));
    }
  }
  const Line weighted = line_of(points, false);
  const Line ordinary = least_squares_line(points);
  for (const FitPoint& point : points) {
    errors.single_line_in_sample.push_back(error_of(weighted.at(point.payload), point));
    errors.least_squares_in_sample.push_back(error_of(ordinary.at(point.payload), point));
  }
}

}  // namespace

PredictionErrors prediction_errors(std::span<const cost::CurvePoint> points, const SegmentBegins& found,
                                   const SegmentOptions& options) {
  PredictionErrors errors;
  const std::vector<FitPoint> points_to_fit = fit_points(points);
  const std::span<const FitPoint> fitted(points_to_fit);
  add_in_sample(errors, fitted, found.begins, options.robust);
  for (const std::size_t i : interior(points.size())) {
    const std::vector<cost::CurvePoint> other_points = without(points, i);
    const std::vector<FitPoint> others = without(fitted, i);
    const FitPoint& point = fitted[i];
    const FitPoint& left = fitted[i - 1];
    const FitPoint& right = fitted[i + 1];
    const SegmentBegins begins = choose_segments(other_points, options);
    const SegmentsAnswer segments = answer_of_segments(others, begins, i, point.payload, options.robust);
    errors.segments.push_back(error_of(segments.time, point));
    errors.at_switch.push_back(segments.in_gap);
    errors.answer.push_back(error_of(cost::local_time(cost::neighbourhood_without(points, i), point.payload), point));
    errors.log_log.push_back(error_of(
        cost::log_log_interpolation(point.payload, left.payload, left.time, right.payload, right.time), point));
    errors.single_line.push_back(error_of(line_of(others, false).at(point.payload), point));
    errors.least_squares.push_back(error_of(least_squares_line(others).at(point.payload), point));
  }
  return errors;
}

PredictionErrors prediction_errors(std::span<const cost::CurvePoint> points, const SegmentOptions& options) {
  return prediction_errors(points, choose_segments(points, options), options);
}

cost::Validation summarise(const PredictionErrors& errors) {
  std::vector<double> inside;
  std::vector<double> at_switch;
  for (std::size_t i = 0; i < errors.answer.size(); ++i) {
    (errors.at_switch[i] ? at_switch : inside).push_back(errors.answer[i]);
  }
  cost::Validation validation;
  validation.in_sample = cost::quantiles_of(errors.in_sample);
  validation.single_line_in_sample = cost::quantiles_of(errors.single_line_in_sample);
  validation.least_squares_in_sample = cost::quantiles_of(errors.least_squares_in_sample);
  validation.leave_one_out = cost::quantiles_of(errors.answer);
  validation.inside_segment = cost::quantiles_of(inside);
  validation.at_switch = cost::quantiles_of(at_switch);
  validation.segments = cost::quantiles_of(errors.segments);
  validation.log_log = cost::quantiles_of(errors.log_log);
  validation.single_line = cost::quantiles_of(errors.single_line);
  validation.least_squares = cost::quantiles_of(errors.least_squares);
  validation.held_out = static_cast<std::uint32_t>(errors.answer.size());
  return validation;
}

cost::Validation validate(std::span<const cost::CurvePoint> points, const SegmentOptions& options) {
  return summarise(prediction_errors(points, options));
}

}  // namespace hockney::fit
