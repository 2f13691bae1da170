#include "fit/segments/removal_search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hockney::fit {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// Costs of the segments [left, right) without the point at `index`, fitted with sums that grow by one point.
class SpanningSegments {
 public:
  SpanningSegments(std::span<const FitPoint> points, std::size_t index) : points_(points), index_(index) {
    LineFit sums;
    for (std::size_t right = index + 1; right < points.size(); ++right) {
      sums.add(points[right].payload, points[right].time, points[right].weight);
      right_sums_.push_back(sums);
    }
  }

  // Moves the left end to the next smaller point.
  void grow_left(std::size_t left) { left_sums_.add(points_[left].payload, points_[left].time, points_[left].weight); }

  double cost(std::size_t left, std::size_t right, double limit) const {
    LineFit sums = left_sums_;
    sums.add(right_sums_[right - index_ - 2]);
    const Line line = sums.best();
    const double of_left = cost_of(line, points_.subspan(left, index_ - left), false, limit);
    return of_left + cost_of(line, points_.subspan(index_ + 1, right - index_ - 1), false, limit - of_left);
  }

 private:
  std::span<const FitPoint> points_;
  std::size_t index_;
  LineFit left_sums_;
  std::vector<LineFit> right_sums_;  // of [index + 1, index + 2 + i)
};

}  // namespace

// A segmentation of the points but one, put together from both tables.
struct RemovalSearch::Joint {
  double score = infinity;
  std::size_t left_segments = 0, right_segments = 0;
  std::size_t left = 0, right = 0;  // what lies below the one and from the other on is segmented by the tables
  bool spanning = false;            // one more segment lies between
};

RemovalSearch::RemovalSearch(const SegmentSearch& whole)
    : whole_(whole), log_size_(std::log(static_cast<double>(whole.points_.size() - 1))) {
  if (shares_tables()) {
    begins_of_whole_ = whole.best().begins;
    search_right();
    best_left_ = best_with_penalty(whole.left_);
    best_right_ = best_with_penalty(right_);
  }
}

bool RemovalSearch::shares_tables() const {
  return !whole_.options_.robust && whole_.runs_.back() == 0 && whole_.borders_.size() == whole_.points_.size() + 1 &&
         whole_.points_.size() > whole_.options_.least_points;
}

void RemovalSearch::search_right() {
  const std::size_t size = whole_.borders_.size();
  right_ = {{std::vector<double>(size, infinity)}, {std::vector<std::size_t>(size, 0)}};
  right_.cost[0][size - 1] = 0;
  for (std::size_t k = 1; k <= whole_.most_; ++k) {
    std::vector<double> cost(size, infinity);
    std::vector<std::size_t> next(size, 0);
    for (std::size_t i = 0; i + 1 < size; ++i) {
      for (std::size_t j = i + 1; j < size; ++j) {
        const double sum = whole_.segment_cost(i, j) + right_.cost[k - 1][j];
        if (sum < cost[i]) {
          cost[i] = sum;
          next[i] = j;
        }
      }
    }
    right_.cost.push_back(std::move(cost));
    right_.next.push_back(std::move(next));
  }
}

std::vector<double> RemovalSearch::best_with_penalty(const SegmentSide& side) const {
  const double each = segment_penalty(2, log_size_) - segment_penalty(1, log_size_);
  std::vector<double> best(whole_.borders_.size(), infinity);
  for (std::size_t k = 0; k <= whole_.most_; ++k) {
    for (std::size_t i = 0; i < best.size(); ++i) {
      best[i] = std::min(best[i], side.cost[k][i] + each * static_cast<double>(k));
    }
  }
  return best;
}

void RemovalSearch::try_joint(std::size_t left, std::size_t right, double spanning_cost, bool spanning,
                              Joint& joint) const {
  const std::size_t between = spanning ? 1 : 0;
  for (std::size_t a = 0; a + between <= whole_.most_; ++a) {
    if (whole_.left_.cost[a][left] == infinity) {
      continue;
    }
    for (std::size_t b = 0; a + b + between <= whole_.most_; ++b) {
      const double score = whole_.left_.cost[a][left] + spanning_cost + right_.cost[b][right] +
                           segment_penalty(a + b + between, log_size_);
      if (score < joint.score) {
        joint = {score, a, b, left, right, spanning};
      }
    }
  }
}

// The whole curve's own segments are a good bound to begin with.
void RemovalSearch::try_segment_of_whole(std::size_t index, Joint& joint) const {
  const auto next = std::upper_bound(begins_of_whole_.begin(), begins_of_whole_.end(), index);
  const std::size_t left = *(next - 1);
  const std::size_t right = next == begins_of_whole_.end() ? whole_.points_.size() : *next;
  if (left == index || right == index + 1 || right - left - 1 < whole_.options_.least_points) {
    return;
  }
  SpanningSegments segments(whole_.points_, index);
  for (std::size_t i = index; i-- > left;) {
    segments.grow_left(i);
  }
  try_joint(left, right, segments.cost(left, right, infinity), true, joint);
}

void RemovalSearch::try_spanning(std::size_t index, Joint& joint) const {
  SpanningSegments segments(whole_.points_, index);
  const double one_more = segment_penalty(1, log_size_);  // all but the `each` of the sides' own segments
  for (std::size_t left = index; left-- > 0;) {
    segments.grow_left(left);
    for (std::size_t right = std::max(index + 2, left + 1 + whole_.options_.least_points);
         right < whole_.borders_.size(); ++right) {
      const double limit = joint.score - best_left_[left] - best_right_[right] - one_more;
      if (limit > 0) {
        if (const double cost = segments.cost(left, right, limit); cost < limit) {
          try_joint(left, right, cost, true, joint);
        }
      }
    }
  }
}

SegmentBegins RemovalSearch::begins_of(const Joint& joint, std::size_t index) const {
  SegmentBegins result;
  std::size_t border = joint.left;
  for (std::size_t k = joint.left_segments; k > 0; --k) {
    border = whole_.left_.next[k][border];
    result.begins.insert(result.begins.begin(), border);
  }
  if (joint.spanning) {
    result.begins.push_back(joint.left);
  }
  border = joint.right;
  for (std::size_t k = joint.right_segments; k > 0; --k) {
    result.begins.push_back(border);
    border = right_.next[k][border];
  }
  const std::size_t segments = result.begins.size();
  for (std::size_t& begin : result.begins) {
    begin -= begin > index ? 1 : 0;
  }
  const std::size_t possible = (whole_.points_.size() - 1) / whole_.options_.least_points;
  const std::size_t most = std::min(whole_.options_.most_segments, possible);
  result.capped = segments == most && most < possible && segment_penalty(most + 1, log_size_) < joint.score;
  return result;
}

SegmentBegins RemovalSearch::without(std::size_t index) const {
  if (!shares_tables()) {
    std::vector<cost::CurvePoint> others(whole_.source_.begin(), whole_.source_.end());
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(index));
    return SegmentSearch(others, whole_.options_).best();
  }
  Joint joint;
  try_joint(index, index + 1, 0, false, joint);
  try_segment_of_whole(index, joint);
  try_spanning(index, joint);
  return begins_of(joint, index);
}

}  // namespace hockney::fit
