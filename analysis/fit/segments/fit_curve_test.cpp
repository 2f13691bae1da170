#include "fit/segments/fit_curve.hpp"

#include <chrono>
#include <functional>
#include <gtest/gtest.h>
#include <random>

#include "base/error.hpp"
#include "fit/simulated_machine.hpp"

namespace hockney::fit {
namespace {

std::vector<cost::CurvePoint> points_on(const std::function<double(double)>& law, const std::vector<Bytes>& payloads,
                                        double error = 0.01) {
  std::vector<cost::CurvePoint> points;
  for (const Bytes payload : payloads) {
    points.push_back({payload, law(static_cast<double>(payload.count)), error});
  }
  return points;
}

// LL below 64 KiB, then a drop in time, then LL128, then Simple.
double three_protocols(double m) {
  if (m <= 65536) {
    return 6e-6 + m / 4e9;
  }
  return m <= 4194304 ? 9e-6 + m / 60e9 : 40e-6 + m / 200e9;
}

TEST(FitCurve, IsExactOnNoiseFreeLines) {
  const auto fit = fit_curve(points_on([](double m) { return 4e-6 + m / 180e9; }, SimulatedMachine::octaves(3, 33)));
  ASSERT_EQ(fit.segments.size(), 1U);
  EXPECT_NEAR(fit.segments[0].alpha_s / 4e-6, 1, 1e-11);
  EXPECT_NEAR(fit.segments[0].beta_s_per_byte * 180e9, 1, 1e-11);
  EXPECT_LT(fit.segments[0].residual_max, 1e-11);
  EXPECT_EQ(fit.segments[0].from, Bytes{8});
  EXPECT_EQ(fit.segments[0].to, gibibytes(8));
  EXPECT_EQ(fit.segments[0].points, 31U);
  EXPECT_FALSE(fit.capped);
}

TEST(FitCurve, FindsEveryBorderEvenWhereTimeDrops) {
  ASSERT_LT(three_protocols(131072), three_protocols(65536)) << "the test wants a drop at the switch";
  const auto fit = fit_curve(points_on(three_protocols, SimulatedMachine::octaves(3, 33)));
  ASSERT_EQ(fit.segments.size(), 3U);
  EXPECT_EQ(fit.segments[0].to, kibibytes(64));
  EXPECT_EQ(fit.segments[1].from, kibibytes(128));
  EXPECT_EQ(fit.segments[1].to, mebibytes(4));
  EXPECT_EQ(fit.segments[2].from, mebibytes(8));
  EXPECT_NEAR(fit.segments[0].beta_s_per_byte * 4e9, 1, 1e-9);
  EXPECT_NEAR(fit.segments[1].alpha_s / 9e-6, 1, 1e-9);
  EXPECT_NEAR(fit.segments[2].beta_s_per_byte * 200e9, 1, 1e-9);
}

TEST(FitCurve, NoParameterIsEverNegative) {
  std::mt19937_64 generator(7);
  std::lognormal_distribution<double> wild(0, 0.5);
  for (int trial = 0; trial < 50; ++trial) {
    auto points = points_on([&](double m) { return (1e-6 + m / 1e10) * wild(generator); },
                            SimulatedMachine::octaves(3, 24), 0.05);
    for (const cost::AlphaBeta& segment : fit_curve(points).segments) {
      EXPECT_GE(segment.alpha_s, 0);
      EXPECT_GE(segment.beta_s_per_byte, 0);
      EXPECT_GE(segment.points, 2U);
      EXPECT_GE(segment.alpha_interval_s.low, 0);
      EXPECT_LE(segment.alpha_interval_s.low, segment.alpha_s);
      EXPECT_GE(segment.alpha_interval_s.high, segment.alpha_s);
      EXPECT_GE(segment.beta_interval_s_per_byte.low, 0);
      EXPECT_GE(segment.beta_interval_s_per_byte.high, segment.beta_s_per_byte);
    }
  }
}

// The search must equal trying all border sets by hand.
TEST(FitCurve, TheSearchIsExact) {
  std::mt19937_64 generator(3);
  std::lognormal_distribution<double> wild(0, 0.3);
  const auto score = [](const std::vector<cost::AlphaBeta>& segments, const std::vector<cost::CurvePoint>& points) {
    double cost = 0;
    for (const cost::AlphaBeta& segment : segments) {
      for (const cost::CurvePoint& point : points) {
        if (segment.from <= point.payload && point.payload <= segment.to) {
          cost += std::pow((segment.at(point.payload).count() / point.time_s - 1) / point.relative_error, 2);
        }
      }
    }
    return cost + (3 * static_cast<double>(segments.size()) - 1) * std::log(static_cast<double>(points.size()));
  };
  for (int trial = 0; trial < 20; ++trial) {
    const auto points =
        points_on([&](double m) { return (1e-6 + m / 1e9) * wild(generator); }, SimulatedMachine::octaves(3, 11), 0.1);
    double best = std::numeric_limits<double>::infinity();
    for (unsigned mask = 0; mask < 1U << (points.size() - 1); ++mask) {
      std::vector<cost::AlphaBeta> segments;
      bool possible = true;
      for (std::size_t first = 0, i = 0; i < points.size() && possible; ++i) {
        if (i + 1 == points.size() || ((mask >> i) & 1U) != 0) {
          possible = i > first;
          if (possible) {
            const std::vector<cost::CurvePoint> part(points.begin() + static_cast<std::ptrdiff_t>(first),
                                                     points.begin() + static_cast<std::ptrdiff_t>(i + 1));
            const Line line = fit_line(part);
            cost::AlphaBeta segment;
            segment.from = part.front().payload;
            segment.to = part.back().payload;
            segment.alpha_s = line.alpha_s;
            segment.beta_s_per_byte = line.beta_s_per_byte;
            segments.push_back(segment);
          }
          first = i + 1;
        }
      }
      if (possible) {
        best = std::min(best, score(segments, points));
      }
    }
    const SegmentBegins found = SegmentSearch(points, {}).best();
    EXPECT_NEAR(score(describe_segments(points, found, {}).segments, points), best, 1e-9 * best);
  }
}

TEST(FitCurve, SaysWhenTheSearchWasCapped) {
  const auto points = points_on(three_protocols, SimulatedMachine::octaves(3, 33));
  EXPECT_TRUE(fit_curve(points, {.most_segments = 2}).capped);
  EXPECT_FALSE(fit_curve(points, {.most_segments = 4}).capped);
  const auto line = points_on([](double m) { return 1e-6 + m / 1e9; }, SimulatedMachine::octaves(3, 33));
  EXPECT_FALSE(fit_curve(line, {.most_segments = 1}).capped);
}

TEST(FitCurve, TwoPointsAreALineAndFewerAreRefused) {
  const auto points = points_on([](double m) { return 1e-6 + m / 1e9; }, SimulatedMachine::octaves(10, 11));
  EXPECT_NEAR(fit_curve(points).segments.at(0).alpha_s / 1e-6, 1, 1e-12);
  EXPECT_THROW(fit_curve(std::span(points).first(1)), Failure);
  EXPECT_THROW(fit_curve(points, {.least_points = 1}), Failure);
  EXPECT_THROW(fit_curve(points, {.most_segments = 0}), Failure);
}

TEST(FitCurve, MisfitWidensTheIntervals) {
  const auto bent = [](double m) { return 4e-6 + m / 180e9 + 2e-7 * std::sin(m); };
  const auto straight = [](double m) { return 4e-6 + m / 180e9; };
  const auto payloads = SimulatedMachine::octaves(3, 12);
  const auto width = [](const Segmentation& fit) {
    return fit.segments[0].alpha_interval_s.high - fit.segments[0].alpha_interval_s.low;
  };
  const SegmentOptions one{.most_segments = 1};
  EXPECT_GT(width(fit_curve(points_on(bent, payloads), one)),
            1.5 * width(fit_curve(points_on(straight, payloads), one)));
}

TEST(FitCurve, TwoPointsThatNoLineMeetsHaveWideIntervals) {
  const std::vector<cost::CurvePoint> falling{{{8192}, 40e-6, 0.03}, {{16384}, 20e-6, 0.03}};
  const cost::AlphaBeta segment = fit_curve(falling).segments.at(0);
  EXPECT_EQ(segment.beta_s_per_byte, 0);
  EXPECT_GT(segment.residual_max, 0.3);
  EXPECT_LT(segment.alpha_interval_s.low, 10e-6);
}

TEST(FitCurve, ManyPayloadsAreFittedWithinSeconds) {
  std::vector<Bytes> payloads;
  for (std::uint64_t i = 1; i <= 2000; ++i) {
    payloads.push_back({i * 4096});
  }
  const auto begin = std::chrono::steady_clock::now();
  const auto fit = fit_curve(points_on(three_protocols, payloads));
  EXPECT_EQ(fit.segments.size(), 3U);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

}  // namespace
}  // namespace hockney::fit
