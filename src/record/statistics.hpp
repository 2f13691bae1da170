#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace hockney::inline record {

/// A closed interval; the unit is that of the values it was made from.
struct Interval {
  double low = 0;
  double high = 0;
};

/// Quantile q in [0, 1] by linear interpolation between order statistics (type 7 of Hyndman & Fan, NumPy's default).
/// `values` need not be sorted. Throws Failure when it is empty.
double quantile(std::span<const double> values, double q);

/// quantile(values, 0.5).
double median(std::span<const double> values);

/// Median absolute deviation from the median, unscaled.
double median_absolute_deviation(std::span<const double> values);

/// 1.4826 * median_absolute_deviation(values): of normal values their standard deviation.
double robust_deviation(std::span<const double> values);

/// Autocorrelation time tau >= 1 of the sign series s_i = sign(x_i - median), by Geyer's initial positive pairs:
/// tau = 1 + 2 * sum over k = 1, 3, 5, ... of (r_k + r_{k+1}) while the pair sum is positive, k < min(n/3, 60), with
/// r_k corrected for its bias (times n / (n - k), plus 1 / n). A series of n samples then carries the information of n
/// / tau independent ones.
double autocorrelation_time(std::span<const double> series);

/// Distribution-free 95 % confidence interval of the median of a series whose autocorrelation time is `tau`: the order
/// statistics at the ranks (n + 1)/2 -+ z sqrt(n tau)/2, z = 1.96, interpolated between neighbours. Whole ranks,
/// rounded outwards (Hoefler & Belli 2015), cover more: 98.8 % with 20 independent samples, 96.7 % with 50, by the
/// binomial distribution. docs/measuring.md, When to stop, has what this one covers. The whole range for n < 6.
Interval median_interval(std::span<const double> series, double tau);

/// Half width of the two-sided Student t interval for the mean of n values, in units of their standard deviation:
/// t(confidence, n - 1) / sqrt(n). Infinite for n < 2.
double student_half_width(std::size_t n, double confidence = 0.95);

/// mean +- student_half_width * standard deviation. Infinite for fewer than two values.
Interval mean_interval(std::span<const double> values, double confidence = 0.95);

/// Prediction interval for one more value drawn like these, of values above 0 whose logarithms are normal:
/// exp(m -+ t(confidence, n - 1) s sqrt(1 + 1/n)), m and s the mean and standard deviation of the n logarithms (Hahn &
/// Meeker 1991, Statistical Intervals, section 4.7). Wider than mean_interval(): the next value has a scatter of its
/// own. (0, infinity) for fewer than two values: one value says nothing about the next.
Interval next_value_interval(std::span<const double> values, double confidence = 0.95);

double mean(std::span<const double> values);
/// Sample standard deviation (n - 1); 0 for fewer than two values.
double standard_deviation(std::span<const double> values);

}  // namespace hockney::inline record
