#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace hockney::views {

/// The least and the greatest of some values; those that are not finite do not count.
struct ValueRange {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  bool is_empty() const { return !(low <= high); }

  void include(double value) {
    if (std::isfinite(value)) {
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  void include(const std::vector<double>& values) {
    for (const double value : values) {
      include(value);
    }
  }
};

}  // namespace hockney::views
