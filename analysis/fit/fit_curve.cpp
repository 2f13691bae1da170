#include "fit/fit_curve.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "errors/error.hpp"

namespace hockney {
namespace {

constexpr double z95 = 1.96;
constexpr double infinity = std::numeric_limits<double>::infinity();

double payload_of(const CurvePoint& point) { return static_cast<double>(point.payload.count); }

void add_point(LineFit& fit, const CurvePoint& point) {
  const double error = point.time_s * point.relative_error;
  fit.add(payload_of(point), point.time_s, 1 / (error * error));
}

double cost_of(const Line& line, std::span<const CurvePoint> points) {
  double cost = 0;
  for (const CurvePoint& point : points) {
    const double residual = std::log(line.at(payload_of(point)) / point.time_s) / point.relative_error;
    cost += residual * residual;
  }
  return cost;
}

// Where a segment may begin or end: before every point, or, for many points, before every n-th. From 0 to `size`.
std::vector<std::size_t> possible_borders(std::size_t size) {
  constexpr std::size_t most = 128;
  const std::size_t step = (size + most - 1) / most;
  std::vector<std::size_t> borders;
  for (std::size_t border = 0; border < size; border += step) {
    borders.push_back(border);
  }
  borders.push_back(size);
  return borders;
}

// Costs of the segments between any two borders; infinite where they hold too few points.
class SegmentCosts {
 public:
  SegmentCosts(std::span<const CurvePoint> points, std::span<const std::size_t> borders, std::size_t least_points)
      : size_(borders.size()), costs_(size_ * size_, infinity) {
    for (std::size_t i = 0; i < size_; ++i) {
      LineFit fit;
      for (std::size_t j = i + 1; j < size_; ++j) {
        for (std::size_t k = borders[j - 1]; k < borders[j]; ++k) {
          add_point(fit, points[k]);
        }
        const std::size_t count = borders[j] - borders[i];
        if (count >= least_points) {
          costs_[i * size_ + j] = cost_of(fit.best(), points.subspan(borders[i], count));
        }
      }
    }
  }

  double operator()(std::size_t left_border, std::size_t right_border) const {
    return costs_[left_border * size_ + right_border];
  }

 private:
  std::size_t size_;
  std::vector<double> costs_;
};

// best[j]: least cost of everything left of border j with k segments; from[k-1][j]: the border where the last begins.
struct Search {
  std::vector<double> best;
  std::vector<std::vector<std::size_t>> from;
};

void add_segment(Search& search, const SegmentCosts& costs) {
  const std::size_t size = search.best.size();
  std::vector<double> next(size, infinity);
  std::vector<std::size_t> from(size, 0);
  for (std::size_t j = 1; j < size; ++j) {
    for (std::size_t i = 0; i < j; ++i) {
      const double cost = search.best[i] + costs(i, j);
      if (cost < next[j]) {
        next[j] = cost;
        from[j] = i;
      }
    }
  }
  search.best = std::move(next);
  search.from.push_back(std::move(from));
}

struct Borders {
  std::vector<std::size_t> begins;  // first points of the segments, ascending
  bool capped = false;
};

std::vector<std::size_t> trace_back(const Search& search, std::size_t segments, std::span<const std::size_t> borders) {
  std::vector<std::size_t> begins(segments);
  std::size_t border = borders.size() - 1;
  for (std::size_t k = segments; k-- > 0;) {
    border = search.from[k][border];
    begins[k] = borders[border];
  }
  return begins;
}

Borders choose_borders(std::span<const CurvePoint> points, const SegmentOptions& options) {
  const double log_size = std::log(static_cast<double>(points.size()));
  const auto penalty = [&](std::size_t k) { return static_cast<double>(3 * k - 1) * log_size; };
  // costs are never negative, so no k can win whose penalty alone is above the best score so far
  if (cost_of(fit_line(points), points) + penalty(1) <= penalty(2)) {
    return {{0}, false};
  }
  const std::vector<std::size_t> borders = possible_borders(points.size());
  const SegmentCosts costs(points, borders, options.least_points);
  Search search{std::vector<double>(borders.size(), infinity), {}};
  search.best.front() = 0;
  double best_score = infinity;
  std::size_t best_k = 1;
  const std::size_t possible = points.size() / options.least_points;
  const std::size_t most = std::min(options.most_segments, possible);
  for (std::size_t k = 1; k <= most && penalty(k) < best_score; ++k) {
    add_segment(search, costs);
    if (search.best.back() + penalty(k) < best_score) {
      best_score = search.best.back() + penalty(k);
      best_k = k;
    }
  }
  const bool more_might_win = best_k == most && most < possible && penalty(most + 1) < best_score;
  return {trace_back(search, best_k, borders), more_might_win};
}

Interval non_negative(double value, double variance) {
  const double half = z95 * std::sqrt(variance);
  return {std::max(0.0, value - half), value + half};
}

AlphaBeta describe(std::span<const CurvePoint> points) {
  LineFit fit;
  std::vector<double> residuals;
  double chi_square = 0;
  for (const CurvePoint& point : points) {
    add_point(fit, point);
  }
  const Line line = fit.best();
  for (const CurvePoint& point : points) {
    residuals.push_back(std::abs(line.at(payload_of(point)) / point.time_s - 1));
    chi_square += residuals.back() * residuals.back() / (point.relative_error * point.relative_error);
  }
  const double parameters = line.alpha_s > 0 && line.beta_s_per_byte > 0 ? 2 : 1;  // one held at 0 is not fitted
  const double freedom = static_cast<double>(points.size()) - parameters;
  const double scale = freedom > 0 ? std::max(1.0, chi_square / freedom) : 1;
  const LineCovariance covariance = fit.covariance();
  AlphaBeta segment;
  segment.from = points.front().payload;
  segment.to = points.back().payload;
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

}  // namespace

Line fit_line(std::span<const CurvePoint> points) {
  LineFit fit;
  for (const CurvePoint& point : points) {
    add_point(fit, point);
  }
  return fit.best();
}

Segmentation fit_curve(std::span<const CurvePoint> points, const SegmentOptions& options) {
  if (options.least_points < 2 || options.most_segments < 1 || points.size() < options.least_points) {
    throw Failure("a curve needs two points or more, and segments of two points or more");
  }
  const auto [begins, capped] = choose_borders(points, options);
  Segmentation result;
  for (std::size_t k = 0; k < begins.size(); ++k) {
    const std::size_t end = k + 1 < begins.size() ? begins[k + 1] : points.size();
    result.segments.push_back(describe(points.subspan(begins[k], end - begins[k])));
  }
  result.capped = capped;
  return result;
}

}  // namespace hockney
