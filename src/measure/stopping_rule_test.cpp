#include "measure/stopping_rule.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <random>
#include <vector>

namespace hockney::measure {
namespace {

std::vector<double> noisy(std::size_t n, double sigma, std::uint64_t seed = 7) {
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> normal;
  std::vector<double> times(n);
  for (double& t : times) {
    t = 1e-5 * std::exp(sigma * normal(generator));
  }
  return times;
}

Sampling small_plan() {
  Sampling sampling;
  sampling.min_samples = 20;
  sampling.max_samples = 100;
  sampling.max_seconds = Seconds{1};
  return sampling;
}

TEST(StoppingRule, StopsOnTheIntervalOnlyWithEnoughSamples) {
  const StoppingRule rule(small_plan(), kibibytes(1), 0, Seconds{0});
  EXPECT_EQ(rule.verdict(noisy(19, 1e-4), Seconds{0.1}), std::nullopt);
  EXPECT_EQ(rule.verdict(noisy(20, 1e-4), Seconds{0.1}), StopReason::interval);
  EXPECT_EQ(rule.verdict(noisy(50, 0.5), Seconds{0.1}), std::nullopt);
}

TEST(StoppingRule, CapsSayWhichOneItWas) {
  const StoppingRule rule(small_plan(), kibibytes(1), 0, Seconds{0});
  EXPECT_EQ(rule.verdict(noisy(100, 0.5), Seconds{0.1}), StopReason::samples);
  EXPECT_EQ(rule.verdict(noisy(8, 0.5), Seconds{1.1}), StopReason::time);
  EXPECT_EQ(rule.verdict(noisy(5, 0.5), Seconds{1.1}), std::nullopt) << "five samples have no interval";
  EXPECT_EQ(rule.verdict(noisy(2, 0.5), Seconds{4.1}), StopReason::time);
}

TEST(StoppingRule, AsksForANarrowerIntervalFromOneMebibyte) {
  Sampling sampling = small_plan();
  sampling.tolerance_small = 0.10;
  sampling.tolerance_large = 0.001;
  const auto times = noisy(60, 0.05);
  EXPECT_EQ(StoppingRule(sampling, kibibytes(512), 0, Seconds{0}).verdict(times, Seconds{0}), StopReason::interval);
  EXPECT_EQ(StoppingRule(sampling, mebibytes(1), 0, Seconds{0}).verdict(times, Seconds{0}), std::nullopt);
}

TEST(StoppingRule, ACoarseClockIsNeverPrecise) {
  const auto times = noisy(60, 1e-4);
  EXPECT_EQ(StoppingRule(small_plan(), kibibytes(1), 1e-6, Seconds{0}).verdict(times, Seconds{0}), std::nullopt);
}

TEST(StoppingRule, CorrelatedSamplesNeedMore) {
  // the same values, once in random order and once drifting: only the order differs
  std::vector<double> times = noisy(100, 0.05);
  Sampling sampling = small_plan();
  sampling.max_samples = 1000;
  sampling.tolerance_small = 0.015;
  const StoppingRule rule(sampling, kibibytes(1), 0, Seconds{0});
  EXPECT_EQ(rule.verdict(times, Seconds{0}), StopReason::interval);
  std::sort(times.begin(), times.end());
  EXPECT_EQ(rule.verdict(times, Seconds{0}), std::nullopt);
}

TEST(StoppingRule, WhereLaunchesFollowAVisitIsWeighedAgainstAnotherLaunch) {
  Sampling sampling = small_plan();
  sampling.launch_share = Seconds{0.3};
  const StoppingRule rule(sampling, kibibytes(1), 0, Seconds{0.1});
  const auto times = noisy(60, 0.03);  // half width 0.8 to 1.2 %, 2 % asked for
  EXPECT_EQ(rule.verdict(times, Seconds{0.2}), StopReason::interval) << "2 % sqrt(1/2)";
  EXPECT_EQ(rule.verdict(times, Seconds{0.02}), std::nullopt) << "2 % sqrt(1/20): samples are cheap";
  EXPECT_EQ(StoppingRule(sampling, kibibytes(1), 0, Seconds{1.7}).verdict(times, Seconds{0.2}), std::nullopt)
      << "2 % sqrt(1/10): warm-up counts";
  EXPECT_EQ(rule.verdict(noisy(60, 0.5), Seconds{0.39}), std::nullopt);
  EXPECT_EQ(rule.verdict(noisy(60, 0.5), Seconds{0.41}), StopReason::interval) << "another launch would be there";
  EXPECT_EQ(rule.verdict(noisy(19, 0.5), Seconds{0.41}), std::nullopt);
  EXPECT_EQ(StoppingRule(small_plan(), kibibytes(1), 0, Seconds{0.1}).verdict(noisy(60, 0.5), Seconds{0.41}),
            std::nullopt)
      << "no launch follows";
}

TEST(StoppingRule, BatchesGrowAndRespectTheCaps) {
  const StoppingRule rule(small_plan(), kibibytes(1), 0, Seconds{0});
  EXPECT_EQ(rule.next_batch(0, Seconds{0}), 6U);
  EXPECT_EQ(rule.next_batch(6, Seconds{1e-3}), 14U);
  EXPECT_EQ(rule.next_batch(80, Seconds{1e-3}), 20U);
  EXPECT_EQ(rule.next_batch(95, Seconds{1e-3}), 5U);
  EXPECT_EQ(rule.next_batch(5, Seconds{0.9}), 1U) << "at 0.18 s each, one more fills the second";
}

TEST(Steadiness, ComparesTheLastTwentySamples) {
  std::vector<double> times(19, 1.0);
  EXPECT_FALSE(is_steady(times));
  times.push_back(1.0);
  EXPECT_TRUE(is_steady(times));
  std::vector<double> falling;
  for (int i = 0; i < 20; ++i) {
    falling.push_back(std::pow(0.9, i));
  }
  EXPECT_FALSE(is_steady(falling));
}

TEST(Drift, NeedsMoreThanNoise) {
  std::vector<double> times = noisy(90, 0.10);
  EXPECT_FALSE(is_drifting(times));
  for (std::size_t i = 45; i < times.size(); ++i) {
    times[i] *= 1.2;
  }
  EXPECT_TRUE(is_drifting(times));
  EXPECT_FALSE(is_drifting(std::span(times).first(29)));
}

}  // namespace
}  // namespace hockney::measure
