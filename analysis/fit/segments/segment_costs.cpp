#include "fit/segments/segment_costs.hpp"

#include <cmath>
#include <limits>
#include <string_view>

namespace hockney::fit {
namespace {

constexpr double huber_delta = 1.345;

double residual_of(const Line& line, const FitPoint& point) {
  return (line.at(point.payload) / point.time - 1) * point.inverse_error;
}

double loss_of(double residual, bool robust) {
  const double size = std::abs(residual);
  return robust && size > huber_delta ? huber_delta * (2 * size - huber_delta) : residual * residual;
}

// "Ring/LL" of "Ring/LL/4"
std::string_view without_channels(std::string_view label) { return label.substr(0, label.rfind('/')); }

struct Run {
  std::size_t begin, end;
};

std::vector<Run> runs_of_same_label(std::span<const cost::CurvePoint> points) {
  std::vector<Run> runs{{0, 1}};
  std::string_view label = points.front().label;
  for (std::size_t i = 1; i < points.size(); ++i) {
    const std::string_view next = points[i].label;
    if (label.empty() || next.empty() || label == next) {
      runs.back().end = i + 1;
    } else {
      runs.push_back({i, i + 1});
    }
    label = next.empty() ? label : next;
  }
  return runs;
}

}  // namespace

std::vector<FitPoint> fit_points(std::span<const cost::CurvePoint> points) {
  std::vector<FitPoint> result;
  result.reserve(points.size());
  for (const cost::CurvePoint& point : points) {
    const double error = point.time_s * point.relative_error;
    result.push_back({.payload = static_cast<double>(point.payload.count),
                      .time = point.time_s,
                      .weight = 1 / (error * error),
                      .inverse_error = 1 / point.relative_error});
  }
  return result;
}

std::vector<std::size_t> label_runs(std::span<const cost::CurvePoint> points, std::size_t least_points) {
  if (points.empty()) {
    return {};
  }
  std::vector<Run> runs = runs_of_same_label(points);
  const auto kind = [&](const Run& run) { return without_channels(points[run.end - 1].label); };
  const auto is_short = [&](const Run& run) { return run.end - run.begin < least_points; };
  for (std::size_t i = 0; i + 1 < runs.size();) {
    if ((is_short(runs[i]) || is_short(runs[i + 1])) && kind(runs[i]) == kind(runs[i + 1])) {
      runs[i].end = runs[i + 1].end;
      runs.erase(runs.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    } else {
      ++i;
    }
  }
  std::vector<std::size_t> run_of;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    run_of.insert(run_of.end(), runs[i].end - runs[i].begin, i);
  }
  return run_of;
}

Line line_of(std::span<const FitPoint> points, bool robust) {
  const auto fit = [&](const auto& weight_of) {
    LineFit sums;
    for (const FitPoint& point : points) {
      sums.add(point.payload, point.time, weight_of(point));
    }
    return sums.best();
  };
  Line line = fit([](const FitPoint& point) { return point.weight; });
  constexpr int rounds = 10;
  for (int round = 0; robust && round < rounds; ++round) {
    line = fit([&](const FitPoint& point) {
      const double size = std::abs(residual_of(line, point));
      return size > huber_delta ? point.weight * huber_delta / size : point.weight;
    });
  }
  return line;
}

double cost_of(const Line& line, std::span<const FitPoint> points, bool robust, double limit) {
  double cost = 0;
  for (const FitPoint& point : points) {
    cost += loss_of(residual_of(line, point), robust);
    if (cost > limit) {
      return std::numeric_limits<double>::infinity();
    }
  }
  return cost;
}

}  // namespace hockney::fit
