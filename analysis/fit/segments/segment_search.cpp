#include "fit/segments/segment_search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.hpp"

namespace hockney::fit {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// The known-noise Bayesian information criterion's price of k segments among n points: two parameters a segment and the
// borders between them.
double segment_penalty(std::size_t segments, double log_size) {
  return (3 * static_cast<double>(segments) - 1) * log_size;
}

std::vector<std::size_t> possible_borders(std::span<const std::size_t> runs) {
  constexpr std::size_t most_tried_everywhere = 256;
  constexpr std::size_t tried_of_many = 128;
  const std::size_t size = runs.size();
  const std::size_t step = size <= most_tried_everywhere ? 1 : (size + tried_of_many - 1) / tried_of_many;
  std::vector<std::size_t> borders;
  for (std::size_t border = 0; border < size; ++border) {
    if (border % step == 0 || runs[border] != runs[border - 1]) {
      borders.push_back(border);
    }
  }
  borders.push_back(size);
  return borders;
}

bool is_whole_run(std::span<const std::size_t> runs, std::size_t begin, std::size_t end) {
  return (begin == 0 || runs[begin - 1] != runs[begin]) && (end == runs.size() || runs[end - 1] != runs[end]);
}

}  // namespace

SegmentSearch::SegmentSearch(std::span<const cost::CurvePoint> points, const SegmentOptions& options)
    : options_(options) {
  if (options.least_points < 2 || options.most_segments < 1 || points.size() < options.least_points) {
    throw Failure("a curve needs two points or more, and segments of two points or more");
  }
  points_ = fit_points(points);
  runs_ = label_runs(points, options.least_points);
  borders_ = possible_borders(runs_);
  most_ = std::min(std::max(options.most_segments, runs_.back() + 1), possible_segments());
  fill_costs();
  search();
}

std::size_t SegmentSearch::possible_segments() const {
  std::size_t segments = 0;
  for (std::size_t begin = 0; begin < runs_.size();) {
    const auto end =
        static_cast<std::size_t>(std::upper_bound(runs_.begin(), runs_.end(), runs_[begin]) - runs_.begin());
    segments += std::max<std::size_t>(1, (end - begin) / options_.least_points);
    begin = end;
  }
  return segments;
}

void SegmentSearch::fill_costs() {
  costs_.assign(borders_.size() * borders_.size(), infinity);
  const std::span<const FitPoint> all(points_);
  for (std::size_t i = 0; i + 1 < borders_.size(); ++i) {
    LineFit fit;
    for (std::size_t j = i + 1; j < borders_.size() && runs_[borders_[j] - 1] == runs_[borders_[i]]; ++j) {
      for (const FitPoint& point : all.subspan(borders_[j - 1], borders_[j] - borders_[j - 1])) {
        fit.add(point.payload, point.time, point.weight);
      }
      const std::size_t count = borders_[j] - borders_[i];
      if (count >= options_.least_points || is_whole_run(runs_, borders_[i], borders_[j])) {
        const auto points = all.subspan(borders_[i], count);
        const Line line = options_.robust ? line_of(points, true) : fit.best();
        segment_cost(i, j) = cost_of(line, points, options_.robust, infinity);
      }
    }
  }
}

void SegmentSearch::search() {
  const std::size_t size = borders_.size();
  least_cost_ = {std::vector<double>(size, infinity)};
  last_segment_ = {std::vector<std::size_t>(size, 0)};
  least_cost_[0][0] = 0;
  for (std::size_t k = 1; k <= most_; ++k) {
    auto& cost = least_cost_.emplace_back(size, infinity);
    auto& last = last_segment_.emplace_back(size, 0);
    for (std::size_t j = 1; j < size; ++j) {
      for (std::size_t i = 0; i < j; ++i) {
        const double sum = least_cost_[k - 1][i] + segment_cost(i, j);
        if (sum < cost[j]) {
          cost[j] = sum;
          last[j] = i;
        }
      }
    }
  }
}

SegmentBegins SegmentSearch::best() const {
  const double log_size = std::log(static_cast<double>(points_.size()));
  double best_score = infinity;
  std::size_t best_k = 1;
  for (std::size_t k = 1; k <= most_; ++k) {
    const double score = least_cost_[k].back() + segment_penalty(k, log_size);
    if (score < best_score) {
      best_score = score;
      best_k = k;
    }
  }
  SegmentBegins result;
  result.begins.resize(best_k);
  std::size_t border = borders_.size() - 1;
  for (std::size_t k = best_k; k-- > 0;) {
    border = last_segment_[k + 1][border];
    result.begins[k] = borders_[border];
  }
  result.capped = best_k == most_ && most_ < possible_segments() && segment_penalty(most_ + 1, log_size) < best_score;
  return result;
}

}  // namespace hockney::fit
