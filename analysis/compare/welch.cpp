#include "compare/welch.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "base/error.hpp"

namespace hockney::compare {
namespace {

// P(T > t) of Student's t.
double above(double t, double freedom) {
  return boost::math::cdf(boost::math::complement(boost::math::students_t(freedom), t));
}

// P(T > distance / error).
double chance_above(double distance, const Difference& difference) {
  return difference.standard_error == 0 ? 1 : above(distance / difference.standard_error, difference.freedom);
}

double variance_of_mean(std::span<const double> values) {
  return std::pow(standard_deviation(values), 2) / static_cast<double>(values.size());
}

double freedom_of(std::span<const double> values) { return static_cast<double>(values.size() - 1); }

}  // namespace

Interval Difference::interval(double confidence) const {
  const double half = standard_error == 0 ? std::numeric_limits<double>::infinity()
                                          : standard_error * boost::math::quantile(boost::math::students_t(freedom),
                                                                                   (1 + confidence) / 2);
  return {value - half, value + half};
}

double Difference::p_if_equal() const { return std::min(1.0, 2 * chance_above(std::abs(value), *this)); }

double Difference::p_if_apart(double margin) const { return chance_above(margin - std::abs(value), *this); }

Difference welch(std::span<const double> first, std::span<const double> second) {
  if (first.size() < 2 || second.size() < 2) {
    throw Failure("Welch's test of fewer than two values was asked for");
  }
  const double one = variance_of_mean(first);
  const double other = variance_of_mean(second);
  const double both = one + other;
  const double freedom = both == 0 ? freedom_of(first) + freedom_of(second)
                                   : both * both / (one * one / freedom_of(first) + other * other / freedom_of(second));
  return {mean(second) - mean(first), std::sqrt(both), freedom};
}

Difference paired(std::span<const double> first, std::span<const double> second) {
  if (first.size() < 2 || first.size() != second.size()) {
    throw Failure("a paired test of fewer than two pairs was asked for");
  }
  std::vector<double> differences(first.size());
  std::transform(second.begin(), second.end(), first.begin(), differences.begin(), std::minus<>());
  return {mean(differences), std::sqrt(variance_of_mean(differences)), freedom_of(differences)};
}

}  // namespace hockney::compare
