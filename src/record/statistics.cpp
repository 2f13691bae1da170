#include "record/statistics.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/error.hpp"
#include "record/deviates.hpp"

namespace hockney::inline record {
namespace {

double sorted_quantile(std::span<const double> sorted, double q) {
  const double position = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], position - static_cast<double>(below));
}

std::vector<double> sorted_copy(std::span<const double> values) {
  if (values.empty()) {
    throw Failure("a statistic of no values was asked for");
  }
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

}  // namespace

double quantile(std::span<const double> values, double q) { return sorted_quantile(sorted_copy(values), q); }

double median(std::span<const double> values) { return quantile(values, 0.5); }

double median_absolute_deviation(std::span<const double> values) {
  const double centre = median(values);
  std::vector<double> deviations(values.size());
  std::transform(values.begin(), values.end(), deviations.begin(), [&](double v) { return std::abs(v - centre); });
  return median(deviations);
}

double robust_deviation(std::span<const double> values) { return 1.4826 * median_absolute_deviation(values); }

double autocorrelation_time(std::span<const double> series) {
  const std::size_t n = series.size();
  if (n < 6) {
    return 1;
  }
  const double centre = median(series);
  std::vector<double> sign(n);
  std::transform(series.begin(), series.end(), sign.begin(),
                 [&](double v) { return static_cast<double>((v > centre) - (v < centre)); });
  const double level = mean(sign);
  double variance = 0;
  for (double& s : sign) {
    s -= level;
    variance += s * s;
  }
  if (variance == 0) {
    return 1;
  }
  // r_k is estimated too small: fewer products than n take part, and the mean that is subtracted is the sample's own
  const double count = static_cast<double>(n);
  const auto correlation = [&](std::size_t lag) {
    const double products = std::inner_product(sign.begin(), sign.end() - static_cast<std::ptrdiff_t>(lag),
                                               sign.begin() + static_cast<std::ptrdiff_t>(lag), 0.0);
    return products / variance * count / (count - static_cast<double>(lag)) + 1 / count;
  };
  double tau = 1;
  const std::size_t last = std::min<std::size_t>(n / 3, 60);
  for (std::size_t lag = 1; lag + 1 < last; lag += 2) {
    const double pair = correlation(lag) + correlation(lag + 1);
    if (pair <= 0) {
      break;
    }
    tau += 2 * pair;
  }
  return tau;
}

Interval median_interval(std::span<const double> series, double tau) {
  const std::vector<double> sorted = sorted_copy(series);
  const double n = static_cast<double>(sorted.size());
  if (sorted.size() < 6) {
    return {sorted.front(), sorted.back()};
  }
  // positions from 0 to n - 1 as shares, which is what sorted_quantile() takes
  const double reach = z95 * std::sqrt(n * tau) / 2 / (n - 1);
  return {sorted_quantile(sorted, std::max(0.0, 0.5 - reach)), sorted_quantile(sorted, std::min(1.0, 0.5 + reach))};
}

double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double standard_deviation(std::span<const double> values) {
  if (values.size() < 2) {
    return 0;
  }
  const double centre = mean(values);
  double sum = 0;
  for (const double v : values) {
    sum += (v - centre) * (v - centre);
  }
  return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

double student_t(double freedom, double confidence) {
  return freedom > 0 ? boost::math::quantile(boost::math::students_t(freedom), (1 + confidence) / 2)
                     : std::numeric_limits<double>::infinity();
}

double deviate_of_launches(std::size_t launches) {
  return launches > 1 ? student_t(static_cast<double>(launches - 1)) : z95;
}

double student_half_width(std::size_t n, double confidence) {
  const auto count = static_cast<double>(n);
  return n < 2 ? std::numeric_limits<double>::infinity() : student_t(count - 1, confidence) / std::sqrt(count);
}

Interval mean_interval(std::span<const double> values, double confidence) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (values.size() < 2) {
    return {-infinity, infinity};
  }
  const double half = student_half_width(values.size(), confidence) * standard_deviation(values);
  return {mean(values) - half, mean(values) + half};
}

Interval next_value_interval(std::span<const double> values, double confidence) {
  if (values.size() < 2) {
    return {0, std::numeric_limits<double>::infinity()};
  }
  std::vector<double> logarithms(values.size());
  std::transform(values.begin(), values.end(), logarithms.begin(), [](double value) { return std::log(value); });
  const double n = static_cast<double>(values.size());
  const double half = student_half_width(values.size(), confidence) * standard_deviation(logarithms) * std::sqrt(n + 1);
  return {std::exp(mean(logarithms) - half), std::exp(mean(logarithms) + half)};
}

}  // namespace hockney::inline record
