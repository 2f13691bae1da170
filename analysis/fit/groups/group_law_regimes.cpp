#include "fit/groups/group_law_regimes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

namespace hockney::fit {
namespace {

constexpr double least_noise = 0.01;
constexpr double unknown_noise = 0.03;
constexpr std::size_t most_border_places = 48;

using Points = std::vector<GroupPoint>;

int octave_of(Bytes payload) {
  return static_cast<int>(std::floor(std::log2(static_cast<double>(std::max<std::uint64_t>(1, payload.count)))));
}

// What is left of the points when every two neighbouring octaves may have a law of their own.
double unexplained(Operation operation, std::span<const GroupPoint> points, const RegimeOptions& options) {
  std::map<int, Points> windows;
  for (const GroupPoint& point : points) {
    windows[octave_of(point.payload) / 2].push_back(point);
  }
  double squares = 0;
  double freedom = 0;
  for (const auto& [octave, window] : windows) {
    double least = std::numeric_limits<double>::infinity();
    double left = 0;
    for (const cost::LawKind law : options.laws) {
      if (const auto fit = fit_law(law, operation, window, unknown_noise, options.least_sizes)) {
        double sum = 0;
        for (const double log : fit->logs) {
          sum += log * log;
        }
        if (sum < least) {
          least = sum;
          left = static_cast<double>(fit->logs.size()) - static_cast<double>(fit->regime.terms.size());
        }
      }
    }
    if (left > 0) {
      squares += least;
      freedom += left;
    }
  }
  return freedom > 0 ? std::max(least_noise, std::sqrt(squares / freedom)) : unknown_noise;
}

/// Payloads in blocks between which borders may lie.
struct Blocks {
  std::vector<Points> points;

  Points between(std::size_t first, std::size_t last) const {
    Points result;
    for (std::size_t i = first; i <= last; ++i) {
      result.insert(result.end(), points[i].begin(), points[i].end());
    }
    return result;
  }
};

Blocks cut_into_blocks(std::span<const GroupPoint> points) {
  std::map<Bytes, Points> by_payload;
  for (const GroupPoint& point : points) {
    by_payload[point.payload].push_back(point);
  }
  const std::size_t per_block = (by_payload.size() + most_border_places - 1) / most_border_places;
  Blocks blocks;
  std::size_t place = 0;
  for (const auto& [payload, here] : by_payload) {
    if (place++ % per_block == 0) {
      blocks.points.emplace_back();
    }
    blocks.points.back().insert(blocks.points.back().end(), here.begin(), here.end());
  }
  return blocks;
}

std::vector<LawFit> fit_all(Operation operation, std::span<const GroupPoint> points, double noise,
                            const RegimeOptions& options) {
  std::vector<LawFit> fits;
  for (const cost::LawKind law : options.laws) {
    if (auto fit = fit_law(law, operation, points, noise, options.least_sizes)) {
      fits.push_back(*std::move(fit));
    }
  }
  std::stable_sort(fits.begin(), fits.end(),
                   [](const LawFit& a, const LawFit& b) { return a.criterion < b.criterion; });
  return fits;
}

// First block of every regime, ascending; empty where no laws cover all blocks.
std::vector<std::size_t> best_borders(Operation operation, const Blocks& blocks, double noise, double per_border,
                                      const RegimeOptions& options) {
  const std::size_t count = blocks.points.size();
  std::vector<double> best(count + 1, std::numeric_limits<double>::infinity());
  std::vector<std::size_t> begins(count + 1, 0);
  best[0] = 0;
  for (std::size_t last = 0; last < count; ++last) {
    for (std::size_t first = 0; first <= last; ++first) {
      if (!std::isfinite(best[first])) {
        continue;
      }
      const auto fits = fit_all(operation, blocks.between(first, last), noise, options);
      const double total =
          fits.empty() ? std::numeric_limits<double>::infinity() : best[first] + fits.front().criterion + per_border;
      if (total < best[last + 1]) {
        best[last + 1] = total;
        begins[last + 1] = first;
      }
    }
  }
  std::vector<std::size_t> borders;
  for (std::size_t end = count; end > 0 && std::isfinite(best[count]); end = begins[end]) {
    borders.push_back(begins[end]);
  }
  std::reverse(borders.begin(), borders.end());
  return borders;
}

}  // namespace

std::vector<cost::LawRegime> find_regimes(Operation operation, std::span<const GroupPoint> points,
                                          const RegimeOptions& options) {
  if (points.empty()) {
    return {};
  }
  const double noise = unexplained(operation, points, options);
  const Blocks blocks = cut_into_blocks(points);
  const double per_border = std::log(static_cast<double>(points.size()));
  const std::vector<std::size_t> begins = best_borders(operation, blocks, noise, per_border, options);
  std::vector<cost::LawRegime> regimes;
  for (std::size_t i = 0; i < begins.size(); ++i) {
    const std::size_t last = (i + 1 < begins.size() ? begins[i + 1] : blocks.points.size()) - 1;
    const Points here = blocks.between(begins[i], last);
    std::vector<LawFit> fits = fit_all(operation, here, noise, options);
    describe_uncertainty(fits.front(), operation, here, noise);
    cost::LawRegime& regime = fits.front().regime;
    for (const LawFit& fit : fits) {
      regime.rivals.push_back({fit.regime.law, fit.criterion});
    }
    regimes.push_back(std::move(regime));
  }
  return regimes;
}

}  // namespace hockney::fit
