#include "fit/segments/launch_resampling.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "cost/segments.hpp"
#include "fit/segments/choose_segments.hpp"

namespace hockney::fit {
namespace {

constexpr std::uint32_t resamples = 100;

// Medians over the chosen launches, on the log scale; sizes that none of them measured are missing.
std::vector<cost::CurvePoint> points_of_launches(const CurveData& data, std::span<const std::size_t> launches) {
  std::vector<cost::CurvePoint> points;
  for (std::size_t i = 0; i < data.points.size(); ++i) {
    std::vector<double> logs;
    for (const std::size_t launch : launches) {
      if (const auto& time = data.launch_times_s[launch][i]) {
        logs.push_back(std::log(*time));
      }
    }
    if (!logs.empty()) {
      points.push_back(data.points[i]);
      points.back().time_s = std::exp(median(logs));
    }
  }
  return points;
}

std::vector<std::size_t> draw(std::size_t launches, std::mt19937_64& generator) {
  std::vector<std::size_t> drawn(launches);
  std::generate(drawn.begin(), drawn.end(), [&] { return generator() % launches; });
  return drawn;
}

// Where a border fell in the resamples that found as many.
struct BorderSpread {
  std::vector<double> after, before;
};

Bytes percentile(std::vector<double>& sizes, double share) {
  std::sort(sizes.begin(), sizes.end());
  return {static_cast<std::uint64_t>(
      sizes[static_cast<std::size_t>(std::lround(share * static_cast<double>(sizes.size() - 1)))])};
}

}  // namespace

void add_stability(cost::CostCurve& curve, const CurveData& data, const SegmentOptions& options) {
  if (data.launches.size() < 2) {
    return;
  }
  std::mt19937_64 generator(1);
  std::vector<BorderSpread> spreads(curve.borders.size());
  std::uint32_t same = 0;
  for (std::uint32_t sample = 0; sample < resamples; ++sample) {
    const auto points = points_of_launches(data, draw(data.launches.size(), generator));
    if (points.size() < options.least_points) {
      continue;
    }
    const std::vector<std::size_t> begins = choose_segments(points, options).begins;
    if (begins.size() != curve.segments.size()) {
      continue;
    }
    ++same;
    for (std::size_t k = 1; k < begins.size(); ++k) {
      spreads[k - 1].after.push_back(static_cast<double>(points[begins[k] - 1].payload.count));
      spreads[k - 1].before.push_back(static_cast<double>(points[begins[k]].payload.count));
    }
  }
  curve.resamples = resamples;
  curve.k_stability = static_cast<double>(same) / resamples;
  constexpr double tail = 0.025;
  for (std::size_t k = 0; same > 0 && k < spreads.size(); ++k) {
    curve.borders[k].earliest = percentile(spreads[k].after, tail);
    curve.borders[k].latest = percentile(spreads[k].before, 1 - tail);
  }
}

std::vector<double> leave_one_launch_out_errors(const CurveData& data, const SegmentOptions& options) {
  std::vector<double> errors;
  for (std::size_t out = 0; data.launches.size() > 1 && out < data.launches.size(); ++out) {
    std::vector<std::size_t> others;
    for (std::size_t i = 0; i < data.launches.size(); ++i) {
      if (i != out) {
        others.push_back(i);
      }
    }
    const std::vector<cost::CurvePoint> points = points_of_launches(data, others);
    if (points.size() < options.least_points) {
      continue;
    }
    const std::vector<cost::AlphaBeta> segments = fit_curve(points, options).segments;
    for (std::size_t i = 0; i < data.points.size(); ++i) {
      const Bytes payload = data.points[i].payload;
      if (const auto& time = data.launch_times_s[out][i];
          time && points.front().payload <= payload && payload <= points.back().payload) {
        errors.push_back(std::abs(cost::time_at(segments, payload) / *time - 1));
      }
    }
  }
  return errors;
}

}  // namespace hockney::fit
