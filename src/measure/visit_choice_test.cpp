#include "measure/visit_choice.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <set>

namespace hockney::measure {
namespace {

constexpr Sampling sampling{.tolerance_small = 0.02, .tolerance_large = 0.02};
constexpr Seconds plenty{1e9};
constexpr std::uint64_t first_new_id = 1000;

double one_law(Bytes m) { return 4e-6 + static_cast<double>(m.count) / 10e9; }
double eager_then_rendezvous(Bytes m) { return m.count < 60000 ? one_law(m) : 8e-6 + one_law(m); }

/// Octaves from 1 KiB.
std::vector<BudgetPoint> octaves(std::size_t count) {
  std::vector<BudgetPoint> points(count);
  for (std::size_t i = 0; i < count; ++i) {
    points[i].point.payload = Bytes{1024U << i};
    points[i].id = i;
  }
  return points;
}

/// Measures what is chosen until nothing more is; every visit has the same half width and cost.
class Measuring {
 public:
  Measuring(std::vector<BudgetPoint> points, std::function<double(Bytes)> law, std::uint32_t most_added = 16)
      : Measuring(std::move(points), std::move(law), ChoiceOptions{.most_added = most_added}) {}
  Measuring(std::vector<BudgetPoint> points, std::function<double(Bytes)> law, const ChoiceOptions& options)
      : choice(std::move(points), sampling, {options.most_added, options.launches, first_new_id}),
        law_(std::move(law)) {}

  void run(Seconds left = plenty) {
    while (const auto next = choice.next(left)) {
      ASSERT_LT(order.size(), 1000U) << "no end";
      left -= cost;
      keep(*next);
    }
  }

  void keep(const Choice& next) {
    order.push_back(choice.point(next.point).point.payload);
    VisitRecord visit;
    visit.point = choice.point(next.point).point;
    visit.pass = next.pass;
    EXPECT_TRUE(passes.emplace(visit.point.name(), visit.pass).second) << "one visit twice";
    Summary summary;
    summary.median_s = law_(visit.point.payload);
    summary.median_interval_s = {summary.median_s * (1 - half_width), summary.median_s * (1 + half_width)};
    choice.keep(next.point, visit, summary, cost);
  }

  std::set<Bytes> measured() const { return {order.begin(), order.end()}; }

  VisitChoice choice;
  std::vector<Bytes> order{};
  std::set<std::pair<std::string, std::uint32_t>> passes{};
  double half_width = 0.01;
  Seconds cost{1};

 private:
  std::function<double(Bytes)> law_;
};

TEST(VisitChoice, TakesTheCoarseGridInItsOrderFirstAndThenAllTheRest) {
  auto points = octaves(10);
  std::reverse(points.begin(), points.end());
  Measuring all(points, one_law);
  all.run();
  EXPECT_EQ(std::vector(all.order.begin(), all.order.begin() + 4),
            (std::vector{kibibytes(512), kibibytes(256), kibibytes(16), kibibytes(1)}));
  EXPECT_EQ(all.choice.coarse_points(), 4U);
  EXPECT_EQ(all.order.size(), 10U) << "every interval is narrow after one visit, and one line needs no more sizes";
  EXPECT_EQ(all.measured().size(), 10U);
  EXPECT_TRUE(all.choice.left_out().empty());
  EXPECT_TRUE(all.choice.remarks().empty());
  EXPECT_FALSE(all.choice.has_more());
}

TEST(VisitChoice, LeavesOutWhatDoesNotFitAndAlwaysMakesOneVisit) {
  Measuring some(octaves(10), one_law);
  some.run(Seconds{5.5});
  EXPECT_EQ(some.order.size(), 5U);
  EXPECT_EQ(some.choice.left_out().size(), 5U);
  EXPECT_EQ(some.choice.left_out().front().reason, "");
  EXPECT_TRUE(some.choice.has_more());
  Measuring one(octaves(10), one_law);
  one.run(Seconds{0});
  EXPECT_EQ(one.order.size(), 1U);
}

TEST(VisitChoice, HalvesTheGapWhereTheLawChangesUntilItIsNarrow) {
  Measuring jump(octaves(12), eager_then_rendezvous);
  jump.run();
  std::vector<Bytes> sizes(jump.order);
  std::sort(sizes.begin(), sizes.end());
  const auto above = std::upper_bound(sizes.begin(), sizes.end(), Bytes{59999});
  EXPECT_LE(static_cast<double>(above->count) / static_cast<double>((above - 1)->count), VisitChoice::finest_ratio);
  EXPECT_EQ(jump.choice.added(), 3U) << "2 -> 1.41 -> 1.19 -> 1.09";
  EXPECT_EQ(jump.choice.point(12).id, first_new_id);
  EXPECT_TRUE(jump.choice.remarks().empty());
}

TEST(VisitChoice, AddsNoMoreSizesThanItMayAndSaysWhatStaysOpen) {
  Measuring jump(octaves(12), eager_then_rendezvous, 1);
  jump.run();
  EXPECT_EQ(jump.choice.added(), 1U);
  ASSERT_EQ(jump.choice.remarks().size(), 2U);
  EXPECT_NE(jump.choice.remarks()[1].find("between "), std::string::npos);
}

TEST(VisitChoice, TakesAPayloadOfThePlanWhereTheLawChangesBeforeOthers) {
  Measuring jump(octaves(12), eager_then_rendezvous);
  jump.run(Seconds{6.5});
  EXPECT_EQ(jump.choice.coarse_points(), 4U);
  const std::set<Bytes> wanted{kibibytes(32), kibibytes(64)};  // within 16 KiB .. 256 KiB, around the jump
  const std::set<Bytes> next(jump.order.begin() + 4, jump.order.end());
  EXPECT_EQ(next, wanted);
}

TEST(VisitChoice, GoesOnWithWideIntervalsWhileThatHelps) {
  Measuring wide(octaves(1), one_law);
  wide.half_width = 0.05;
  wide.run();
  EXPECT_EQ(wide.order.size(), 5U) << "5 % / sqrt(5) = 2.24 %, and one more visit brings less than 0.2 %";
  EXPECT_EQ(wide.choice.remarks().size(), 2U);
}

TEST(VisitChoice, SaysOfAnIntervalThatTellsNothingThatItIsOver100Percent) {
  const auto remark_on = [](double half_width) {
    Measuring wide(octaves(1), one_law);
    wide.half_width = half_width;
    wide.run(Seconds{1});
    return wide.choice.remarks().at(1);
  };
  EXPECT_NE(remark_on(1800).find(": over +-100 % after 1 visit"), std::string::npos) << remark_on(1800);
  EXPECT_NE(remark_on(0.998).find(": +-100 % after 1 visit"), std::string::npos) << remark_on(0.998);
}

TEST(VisitChoice, OneOfSeveralLaunchesNeedsLess) {
  Measuring wide(octaves(1), one_law, ChoiceOptions{.launches = 4});
  wide.half_width = 0.03;
  wide.run();
  EXPECT_EQ(wide.order.size(), 2U) << "3 % / sqrt(4) 3.18 / 1.96 = 2.4 % after one visit, 1.7 % after two";
  EXPECT_TRUE(wide.choice.remarks().empty());
}

TEST(VisitChoice, AVisitOfOneOfSeveralLaunchesIsWeighedAgainstAnotherLaunch) {
  const auto points = octaves(3);
  VisitChoice choice(points, sampling, {.launches = 5, .start_up = Seconds{6}});
  choice.know_earlier(points[0].point.name(), {1e-6, 1.1e-6, 1.3e-6});
  choice.know_earlier(points[1].point.name(), {1e-6, 1e-6, 1e-6});
  const auto next = choice.next(plenty);
  ASSERT_TRUE(next && next->point == 0);
  EXPECT_NEAR(next->tolerance, 1.96 * 0.1327, 1e-3) << "as far as launches differ";
  EXPECT_DOUBLE_EQ(next->launch_share.count(), 3) << "two points are open";
  const auto alone = VisitChoice(points, sampling, {.start_up = Seconds{6}}).next(plenty);
  EXPECT_DOUBLE_EQ(alone->tolerance, 0.02);
  EXPECT_DOUBLE_EQ(alone->launch_share.count(), 0);
}

TEST(VisitChoice, APointThatRestsButWasBegunIsWeighedAgainstAllOfALaunch) {
  const auto points = octaves(1);
  VisitChoice choice(points, sampling, {.launches = 5, .start_up = Seconds{6}});
  choice.know_earlier(points[0].point.name(), {1e-6, 1e-6, 1e-6});
  VisitRecord visit;
  visit.point = points[0].point;
  Summary summary;
  summary.median_s = 1e-6;
  summary.median_interval_s = {0.5e-6, 1.5e-6};
  choice.keep(0, visit, summary, Seconds{1});
  const auto next = choice.next(plenty);
  ASSERT_TRUE(next);
  EXPECT_DOUBLE_EQ(next->launch_share.count(), 6) << "no point is open";
}

TEST(VisitChoice, OfAsManyLaunchesAsItTakesEachVisitsAPointOnce) {
  Measuring wide(octaves(3), one_law, ChoiceOptions{.launches = 0});
  wide.half_width = 0.5;
  wide.run();
  EXPECT_EQ(wide.order.size(), 3U);
  EXPECT_EQ(wide.measured().size(), 3U);
}

TEST(VisitChoice, HopelessPointsDoNotKeepOthersWaiting) {
  Measuring some(octaves(10), one_law);
  some.half_width = 30;
  some.run(Seconds{10.5});
  EXPECT_EQ(some.measured().size(), 10U) << "each once";
}

TEST(VisitChoice, PrefersPayloadsThatThePlanNames) {
  auto points = octaves(3);
  points[1].is_named = true;
  Measuring wide(points, one_law);
  wide.half_width = 0.05;
  wide.run(Seconds{5.5});
  EXPECT_EQ(std::count(wide.order.begin(), wide.order.end(), kibibytes(2)), 3);
}

TEST(VisitChoice, VisitsOfOneLaunchDoNotHelpAgainstScatterBetweenLaunches) {
  Measuring wide(octaves(1), one_law);
  wide.choice.know_earlier(octaves(1)[0].point.name(), {4e-6, 5e-6});
  wide.half_width = 0.04;
  wide.run();
  EXPECT_EQ(wide.order.size(), 1U);
}

TEST(VisitChoice, APointRestsThatLaunchesAgreeOn) {
  const auto points = octaves(5);
  const double time = one_law(points[1].point.payload);
  Measuring launch(points, one_law);
  launch.choice.know_earlier(points[1].point.name(), {time, 1.005 * time, 0.995 * time});
  launch.choice.know_earlier(points[2].point.name(), {1e-6, 1e-6});  // two may agree by chance
  launch.choice.know_earlier(points[3].point.name(), {1e-6, 1.1e-6, 1.2e-6});
  launch.run();
  EXPECT_EQ(launch.measured(), (std::set{kibibytes(1), kibibytes(4), kibibytes(8), kibibytes(16)}));
  ASSERT_EQ(launch.choice.left_out().size(), 1U);
  EXPECT_EQ(launch.choice.left_out()[0].reason, "within +-2 % over 3 launches");
}

TEST(VisitChoice, GoesOnFromTheVisitsOfAnEarlierStart) {
  Measuring first(octaves(12), eager_then_rendezvous);
  first.run(Seconds{14.5});
  ASSERT_GT(first.choice.added(), 0U);
  Measuring second(octaves(12), eager_then_rendezvous);
  for (std::size_t i = 0; i < first.choice.points(); ++i) {
    const auto found = second.choice.find_or_add(first.choice.point(i).point);
    ASSERT_EQ(found, i);
    EXPECT_EQ(second.choice.point(i).id, first.choice.point(i).id);
    if (first.measured().contains(first.choice.point(i).point.payload)) {
      second.keep({i, 0, 0});
    }
  }
  EXPECT_EQ(second.choice.visits(), first.order.size());
  second.run();
  EXPECT_EQ(second.order.size(), second.measured().size()) << "nothing twice";
  EXPECT_EQ(second.choice.added(), 3U);
}

TEST(VisitChoice, StepsComeOnceAfterTheCoarseGridAndWrongOnesNeverAgain) {
  auto points = octaves(6);
  points.insert(points.begin(), BudgetPoint{});
  points[0].point.become(Operation::step_replay);
  Measuring all(points, one_law);
  std::size_t visits = 0;
  while (const auto next = all.choice.next(plenty)) {
    if (next->point == 0) {
      EXPECT_EQ(visits, all.choice.coarse_points());
      all.choice.give_up(0);
    } else {
      all.keep(*next);
    }
    ++visits;
  }
  EXPECT_EQ(visits, 7U);
  EXPECT_TRUE(all.choice.left_out().empty());
}

}  // namespace
}  // namespace hockney::measure
