#include "fit/segments/segment_search.hpp"

#include <gtest/gtest.h>

#include "fit/segments/fit_curve.hpp"
#include "fit/simulated_machine.hpp"
#include "fit/validate/validate.hpp"

namespace hockney::fit {
namespace {

using Runs = std::vector<std::size_t>;

std::vector<cost::CurvePoint> line(const std::vector<std::string>& labels) {
  std::vector<cost::CurvePoint> points;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const double m = 1024 * std::pow(2.0, static_cast<double>(i));
    points.push_back({{static_cast<std::uint64_t>(m)}, 4e-6 + m / 1e9, 0.01, labels[i]});
  }
  return points;
}

TEST(LabelRuns, BeginWhereKnownLabelsDiffer) {
  EXPECT_EQ(label_runs(line({"", "", ""}), 2), (Runs{0, 0, 0}));
  EXPECT_EQ(label_runs(line({"A/LL/1", "A/LL/1", "A/LL128/1", "A/LL128/1"}), 2), (Runs{0, 0, 1, 1}));
  EXPECT_EQ(label_runs(line({"A/LL/1", "", "A/LL/1", "B/LL/1", ""}), 2), (Runs{0, 0, 0, 1, 1}));
}

TEST(LabelRuns, AShortRunJoinsOneOfTheSameAlgorithmAndProtocolOnly) {
  EXPECT_EQ(label_runs(line({"A/LL/1", "A/LL/2", "A/LL/4", "A/LL/4"}), 2), (Runs{0, 0, 1, 1}));
  EXPECT_EQ(label_runs(line({"A/LL/2", "A/LL/2", "A/LL/4", "A/LL/4"}), 2), (Runs{0, 0, 1, 1}));
  EXPECT_EQ(label_runs(line({"A/LL/2", "A/LL/2", "B/LL/2", "A/LL/2", "A/LL/2"}), 2), (Runs{0, 0, 1, 2, 2}));
}

TEST(FitWithLabels, ForcesABorderThatTheCriterionWouldNotPut) {
  const auto labelled = line({"A/LL/1", "A/LL/1", "A/LL/1", "B/LL/1", "C/LL/1", "C/LL/1", "C/LL/1"});
  ASSERT_EQ(fit_curve(line(std::vector<std::string>(7))).segments.size(), 1U);
  const Segmentation fit = fit_curve(labelled, {.most_segments = 1});
  ASSERT_EQ(fit.segments.size(), 3U) << "labels force more than the cap";
  EXPECT_FALSE(fit.capped);
  EXPECT_TRUE(fit.borders.at(0).forced && fit.borders.at(1).forced);
  EXPECT_FALSE(fit.borders[0].exact);
  EXPECT_EQ(fit.borders[0].after, kibibytes(4));
  EXPECT_EQ(fit.borders[0].before, kibibytes(8));
  EXPECT_EQ(fit.segments[1].points, 1U);
  EXPECT_DOUBLE_EQ(fit.segments[1].alpha_s, labelled[3].time_s);
  EXPECT_EQ(fit.segments[1].beta_s_per_byte, 0);
  EXPECT_GT(fit.segments[1].alpha_interval_s.high, fit.segments[1].alpha_s);
}

TEST(FitWithLabels, ABisectedSwitchIsExact) {
  auto points = line({"A/LL/1", "A/LL/1", "A/LL/1", "B/LL/1", "B/LL/1"});
  points[2].payload = {8100};
  const cost::Border border = fit_curve(points).borders.at(0);
  EXPECT_FALSE(border.exact);
  points[2].payload = {8150};
  points[2].time_s = 4e-6 + 8150e-9;
  EXPECT_TRUE(fit_curve(points).borders.at(0).exact);
  points[2].label = points[1].label = points[0].label = "";
  EXPECT_TRUE(fit_curve(points).borders.empty());
}

TEST(FitWithLabels, MoreBordersInsideALabelFollowTheCriterion) {
  auto points = line(std::vector<std::string>(14, "A/LL/1"));
  for (std::size_t i = 7; i < points.size(); ++i) {
    points[i].time_s *= 3;
  }
  const Segmentation fit = fit_curve(points);
  ASSERT_EQ(fit.borders.size(), 1U);
  EXPECT_FALSE(fit.borders[0].forced);
}

TEST(RobustFit, ADisturbedSizeDoesNotMoveTheLine) {
  auto points = line(std::vector<std::string>(14));
  points[6].time_s *= 1.6;
  const SegmentOptions one{.most_segments = 1};
  const double plain = fit_curve(points, one).segments.at(0).alpha_s;
  const double robust = fit_curve(points, {.most_segments = 1, .robust = true}).segments.at(0).alpha_s;
  EXPECT_LT(std::abs(robust / 4e-6 - 1), 0.3 * std::abs(plain / 4e-6 - 1));
  points[6].time_s *= 1.2 / 1.6;
  for (cost::CurvePoint& point : points) {
    point.relative_error = 0.03;
  }
  EXPECT_GT(fit_curve(points).segments.size(), 1U);
  EXPECT_EQ(fit_curve(points, {.robust = true}).segments.size(), 1U);
}

}  // namespace
}  // namespace hockney::fit
