#include "record/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <numeric>
#include <random>

#include "base/error.hpp"
#include "record/deviates.hpp"

namespace hockney::inline record {
namespace {

std::vector<double> one_to(std::size_t n) {
  std::vector<double> values(n);
  std::iota(values.begin(), values.end(), 1.0);
  return values;
}

// Times with a lognormal body and AR(1) noise of correlation rho; a share of them are spikes. The median is 1.
std::vector<double> times(std::size_t n, double rho, double spikes, std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  std::vector<double> series(n);
  double noise = normal(random);
  for (double& value : series) {
    noise = rho * noise + std::sqrt(1 - rho * rho) * normal(random);
    value = std::exp(0.06 * noise);
    if (uniform(random) < spikes) {
      value += 3;
    }
  }
  return series;
}

TEST(Quantile, InterpolatesLikeNumPy) {
  const std::vector<double> values{15, 20, 35, 40, 50};  // numpy.quantile(values, q)
  for (const auto& [q, expected] :
       {std::pair{0.0, 15.0}, {0.05, 16.0}, {0.25, 20.0}, {0.4, 29.0}, {0.5, 35.0}, {0.9, 46.0}, {1.0, 50.0}}) {
    EXPECT_NEAR(quantile(values, q), expected, 1e-12) << q;
  }
  EXPECT_DOUBLE_EQ(median(std::vector<double>{4, 1, 3, 2}), 2.5);
  EXPECT_DOUBLE_EQ(median(std::vector<double>{7}), 7);
  EXPECT_DOUBLE_EQ(median_absolute_deviation(std::vector<double>{1, 1, 2, 2, 4, 6, 9}), 1);
  EXPECT_THROW(quantile({}, 0.5), Failure);
}

TEST(MeanAndDeviation, MatchTextbookValues) {
  const std::vector<double> values{2, 4, 4, 4, 5, 5, 7, 9};
  EXPECT_DOUBLE_EQ(mean(values), 5);
  EXPECT_NEAR(standard_deviation(values), 2.13809, 1e-5);
  EXPECT_EQ(standard_deviation(std::vector<double>{3}), 0);
}

TEST(Student, HasTheTabulatedQuantiles) {
  for (const auto& [n, t] : {std::pair<std::size_t, double>{2, 12.706}, {3, 4.303}, {6, 2.571}, {31, 2.042}}) {
    EXPECT_NEAR(student_half_width(n) * std::sqrt(static_cast<double>(n)), t, 1e-3) << n;
  }
  EXPECT_EQ(student_half_width(1), std::numeric_limits<double>::infinity());
  const Interval interval = mean_interval(std::vector<double>{1, 2, 3});
  EXPECT_NEAR(interval.low, 2 - 4.303 / std::sqrt(3.0), 1e-3);
  EXPECT_NEAR(interval.high, 2 + 4.303 / std::sqrt(3.0), 1e-3);
  EXPECT_EQ(mean_interval(std::vector<double>{1}).high, std::numeric_limits<double>::infinity());
}

TEST(MedianInterval, InterpolatesBetweenRanks) {
  const struct {
    std::size_t n;
    double tau;
    double low;
    double high;
  } cases[] = {{1, 1, 1, 1},         {5, 1, 1, 5},         {6, 1, 1.0995, 5.9005}, {50, 1, 18.5704, 32.4296},
               {100, 1, 40.7, 60.3}, {100, 4, 30.9, 70.1}, {100, 400, 1, 100}};
  for (const auto& expected : cases) {
    const Interval interval = median_interval(one_to(expected.n), expected.tau);
    EXPECT_NEAR(interval.low, expected.low, 1e-4) << expected.n << ' ' << expected.tau;
    EXPECT_NEAR(interval.high, expected.high, 1e-4) << expected.n << ' ' << expected.tau;
  }
}

TEST(AutocorrelationTime, IsOneForIndependentAndLargeForCorrelatedSeries) {
  std::mt19937_64 random(1);
  // theory for the signs of AR(1): 1 + 2 sum of (2/pi) asin(rho^k), 2.2 at 0.5 and 6.3 at 0.8
  const struct {
    double rho;
    double least;
    double most;
  } cases[] = {{0, 1, 1.25}, {0.5, 1.7, 2.7}, {0.8, 4.5, 8.5}};
  for (const auto& expected : cases) {
    double sum = 0;
    constexpr int series = 10;
    for (int i = 0; i < series; ++i) {
      sum += autocorrelation_time(times(2000, expected.rho, 0, random));
    }
    EXPECT_GE(sum / series, expected.least) << expected.rho;
    EXPECT_LE(sum / series, expected.most) << expected.rho;
  }
  EXPECT_EQ(autocorrelation_time(std::vector<double>(100, 3.0)), 1);
  EXPECT_EQ(autocorrelation_time(one_to(5)), 1);
  EXPECT_GT(autocorrelation_time(one_to(300)), 20);  // a drift
}

// How often the 95 % interval holds the true median.
double coverage(double rho, bool with_tau) {
  std::mt19937_64 random(20261123);
  constexpr int rounds = 1000;
  int held = 0;
  for (int i = 0; i < rounds; ++i) {
    const auto series = times(200, rho, 0, random);
    const Interval interval = median_interval(series, with_tau ? autocorrelation_time(series) : 1);
    held += interval.low <= 1 && 1 <= interval.high ? 1 : 0;
  }
  return static_cast<double>(held) / rounds;
}

TEST(MedianInterval, CoversTheMedianAlsoOfCorrelatedSamples) {
  EXPECT_GE(coverage(0, true), 0.93);
  EXPECT_GE(coverage(0.5, true), 0.90);
  EXPECT_LT(coverage(0.8, false), 0.75);  // why tau is needed
  EXPECT_GE(coverage(0.8, true), 0.85);
}

TEST(Median, IgnoresSpikes) {
  std::mt19937_64 random(3);
  const auto series = times(2000, 0, 0.03, random);
  EXPECT_NEAR(median(series), 1, 0.01);
  EXPECT_GT(mean(series), 1.05);
}

TEST(NextValueInterval, HoldsTheNextLaunchAsOftenAsItSays) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> effect(std::log(20e-6), 0.08);
  for (const std::size_t launches : {2U, 3U, 5U, 12U}) {
    constexpr int trials = 20000;
    int inside = 0;
    for (int trial = 0; trial < trials; ++trial) {
      std::vector<double> medians(launches);
      std::generate(medians.begin(), medians.end(), [&] { return std::exp(effect(random)); });
      const Interval interval = next_value_interval(medians);
      const double next = std::exp(effect(random));
      inside += interval.low <= next && next <= interval.high ? 1 : 0;
    }
    constexpr double four_standard_errors = 0.0062;
    EXPECT_NEAR(static_cast<double>(inside) / trials, 0.95, four_standard_errors) << launches << " launches";
  }
}

TEST(NextValueInterval, IsTheFormulaOfTheBook) {
  const std::vector<double> medians{10, 20};  // logarithms 2.302585 and 2.995732, s 0.490129, t 12.7062
  const Interval interval = next_value_interval(medians);
  EXPECT_NEAR(std::log(interval.high / interval.low) / 2, 12.7062 * 0.490129 * std::sqrt(1.5), 1e-3);
  EXPECT_NEAR(std::sqrt(interval.low * interval.high), std::sqrt(200.0), 1e-9);
}

TEST(NextValueInterval, OneLaunchKnowsNothingOfTheNext) {
  const Interval interval = next_value_interval(std::vector<double>{3e-6});
  EXPECT_EQ(interval.low, 0);
  EXPECT_EQ(interval.high, std::numeric_limits<double>::infinity());
}

TEST(Deviates, AreThoseOfTheTables) {
  EXPECT_NEAR(student_t(1), 12.706, 1e-3);
  EXPECT_NEAR(student_t(2), 4.303, 1e-3);
  EXPECT_NEAR(student_t(1e9), z95, 1e-4);
  EXPECT_NEAR(student_t(5, 0.99), 4.032, 1e-3);
  EXPECT_EQ(student_t(0), std::numeric_limits<double>::infinity());
  EXPECT_EQ(deviate_of_launches(1), z95);
  EXPECT_EQ(deviate_of_launches(3), student_t(2));
}

}  // namespace
}  // namespace hockney::inline record
