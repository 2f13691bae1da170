#include "fit/groups/group_laws.hpp"

#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

#include "fit/segments/fit_curve.hpp"

namespace hockney::fit {
namespace {

using Time = std::function<double(double ranks, double nodes, double bytes)>;

// Curves of 8 ranks per node on every count of nodes, octaves from 8 B to 1 GiB, log-normal noise of 1 %.
std::vector<cost::CostCurve> curves_of(const Time& time, const std::vector<std::uint32_t>& nodes,
                                       const std::string& algorithm = "", Operation operation = Operation::all_reduce) {
  constexpr double noise = 0.01;
  std::mt19937_64 generator(7);
  std::normal_distribution<double> normal;
  std::vector<cost::CostCurve> curves;
  for (const std::uint32_t count : nodes) {
    cost::CostCurve curve;
    curve.shape.become(operation);
    curve.shape.transport = TransportKind::nccl;
    curve.shape.fabric = Fabric::infiniband;
    curve.shape.group.ranks = 8 * count;
    curve.shape.group.ranks_per_node = 8;
    curve.shape.algorithm = algorithm;
    curve.machine = "made up";
    for (std::uint32_t exponent = 3; exponent <= 30; ++exponent) {
      const Bytes payload{std::uint64_t{1} << exponent};
      const double t = time(8 * count, count, static_cast<double>(payload.count));
      curve.points.push_back({payload, t * std::exp(noise * normal(generator)), noise});
    }
    curve.segments = fit_curve(curve.points).segments;
    curves.push_back(curve);
  }
  return curves;
}

double ring(double p, double nodes, double m) { return 8e-6 + 20e-6 * (nodes - 1) + 2 * m * (p - 1) / p / 20e9; }

double tree(double, double nodes, double m) { return 9e-6 + 2 * std::log2(nodes) * 12e-6 + m / 15e9; }

std::vector<cost::GroupLaw> laws_of(const std::vector<cost::CostCurve>& curves) {
  std::vector<std::string> notes;
  return fit_group_laws(curves, notes);
}

Group nodes_of_eight(std::uint32_t nodes) {
  Group group;
  group.ranks = 8 * nodes;
  group.ranks_per_node = 8;
  return group;
}

TEST(GroupLaws, FindTheLawThatMadeTheTimes) {
  for (const auto& [law, time] :
       {std::pair{cost::LawKind::ring, Time(ring)}, std::pair{cost::LawKind::tree, Time(tree)}}) {
    const auto laws = laws_of(curves_of(time, {2, 4, 8, 16}));
    ASSERT_EQ(laws.size(), 1U);
    ASSERT_EQ(laws[0].regimes.size(), 1U) << name_of(law);
    EXPECT_EQ(laws[0].regimes[0].law, law);
    EXPECT_GT(laws[0].regimes[0].rivals.size(), 1U) << "the algorithm was not told";
  }
}

TEST(GroupLaws, AnswerBeyondTheLargestGroupWithinTheirInterval) {
  const auto laws = laws_of(curves_of(tree, {2, 4, 8, 16}));
  ASSERT_EQ(laws.size(), 1U);
  for (const std::uint64_t bytes : {std::uint64_t{8}, std::uint64_t{1} << 20U, std::uint64_t{1} << 30U}) {
    const cost::Estimate estimate = laws[0].at(nodes_of_eight(32), Bytes{bytes});
    const double truth = tree(256, 32, static_cast<double>(bytes));
    EXPECT_NEAR(estimate.value_s / truth, 1, 0.03) << bytes;
    EXPECT_LE(estimate.low_s, truth);
    EXPECT_GE(estimate.high_s, truth);
    EXPECT_TRUE(estimate.extrapolated);
    EXPECT_NE(estimate.remark.find("tree law"), std::string::npos) << estimate.remark;
  }
}

TEST(GroupLaws, AreCheckedOnTheLargestGroupsHeldOut) {
  const auto laws = laws_of(curves_of(ring, {2, 4, 8, 16}));
  ASSERT_EQ(laws.size(), 1U);
  EXPECT_EQ(laws[0].hold_out.held_out, (std::vector<std::uint32_t>{64, 128}));
  EXPECT_LT(laws[0].hold_out.law.median, 0.05);
  EXPECT_GT(laws[0].hold_out.nearest.p95, 0.5) << "latency doubles with the nodes";
}

TEST(GroupLaws, TakeTheAlgorithmThatIsKnown) {
  const auto laws = laws_of(curves_of(ring, {2, 4, 8}, "ring"));
  ASSERT_EQ(laws.size(), 1U);
  EXPECT_EQ(laws[0].regimes.at(0).law, cost::LawKind::ring);
  EXPECT_EQ(laws[0].regimes[0].rivals.size(), 1U);
}

TEST(GroupLaws, NameASumWhereTheDataCannotTellStepsApart) {
  const auto laws = laws_of(curves_of(ring, {2, 4, 8}, "ring"));
  ASSERT_EQ(laws.size(), 1U);
  for (const cost::LawTerm& term : laws[0].regimes.at(0).terms) {
    EXPECT_NE(term.kind, cost::TermKind::intra_step) << "one count of ranks per node";
    EXPECT_NE(term.kind, cost::TermKind::inter_step);
    if (term.kind == cost::TermKind::added_node) {
      EXPECT_NEAR(term.value, 20e-6, 1e-6);
      EXPECT_LE(term.interval.low, 20e-6);
      EXPECT_GE(term.interval.high, 20e-6);
    }
  }
}

TEST(GroupLaws, NeverCrossAChangeOfAlgorithm) {
  auto curves = curves_of(ring, {2, 4}, "ring");
  const auto others = curves_of(tree, {8, 16}, "tree");
  curves.insert(curves.end(), others.begin(), others.end());
  EXPECT_TRUE(laws_of(curves).empty());
}

TEST(GroupLaws, EndWhereGroupsRanDifferentAlgorithms) {
  auto curves = curves_of(tree, {2, 4, 8});
  for (cost::CostCurve& curve : curves) {
    const Bytes last_of_tree = curve.shape.group.ranks == 16 ? kibibytes(64) : kibibytes(256);
    for (cost::CurvePoint& point : curve.points) {
      point.label = point.payload <= last_of_tree ? "Tree/LL/4" : "Ring/Simple/8";
    }
  }
  const auto laws = laws_of(curves);
  ASSERT_EQ(laws.size(), 2U);
  EXPECT_EQ(laws[0].regimes.back().to, kibibytes(64));
  EXPECT_EQ(laws[1].regimes.front().from, kibibytes(512));
  for (const cost::LawRegime& regime : laws[0].regimes) {
    EXPECT_EQ(regime.law, cost::LawKind::tree);
  }
  for (const cost::LawRegime& regime : laws[1].regimes) {
    EXPECT_EQ(regime.law, cost::LawKind::ring) << "as told, whatever fits";
  }
  for (const cost::GroupLaw& law : laws) {
    EXPECT_FALSE(law.reaches(nodes_of_eight(16), kibibytes(128))) << "16 ranks ran Ring there, 32 and 64 Tree";
  }
}

TEST(GroupLaws, MoreChannelsAreTheSameLaw) {
  auto curves = curves_of(ring, {2, 4, 8});
  for (cost::CostCurve& curve : curves) {
    for (cost::CurvePoint& point : curve.points) {
      point.label = "Ring/Simple/" + std::to_string(curve.shape.group.ranks);
    }
  }
  EXPECT_EQ(laws_of(curves).size(), 1U);
}

TEST(GroupLaws, NeedThreeGroupSizesAndSayWhenThereAreTwo) {
  std::vector<std::string> notes;
  EXPECT_TRUE(fit_group_laws(curves_of(ring, {2, 4}), notes).empty());
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_NE(notes[0].find("two group sizes, three are needed"), std::string::npos) << notes[0];
}

TEST(GroupLaws, ReachTwiceTheNodesUnlessAskedFor) {
  auto laws = laws_of(curves_of(tree, {2, 4, 8}));
  ASSERT_EQ(laws.size(), 1U);
  const Bytes payload = mebibytes(1);
  EXPECT_FALSE(laws[0].reaches(nodes_of_eight(4), payload)) << "measured";
  EXPECT_TRUE(laws[0].reaches(nodes_of_eight(16), payload));
  EXPECT_FALSE(laws[0].reaches(nodes_of_eight(32), payload));
  laws[0].reach = 4;
  EXPECT_TRUE(laws[0].reaches(nodes_of_eight(32), payload));
  EXPECT_FALSE(laws[0].reaches(nodes_of_eight(32), gibibytes(2))) << "no such payload was measured";
  Group other = nodes_of_eight(16);
  other.ranks_per_node = 4;
  EXPECT_FALSE(laws[0].reaches(other, payload)) << "other ranks per node";
}

TEST(GroupLaws, ComeBackFromTheModelFile) {
  cost::CostModel model;
  model.name = "made up";
  model.group_laws = laws_of(curves_of(ring, {2, 4, 8, 16}));
  ASSERT_EQ(model.group_laws.size(), 1U);
  const cost::CostModel again = cost::CostModel::parse(model.json(), "text");
  EXPECT_EQ(again.json(), model.json());
  const cost::Estimate before = model.group_laws[0].at(nodes_of_eight(32), mebibytes(1));
  const cost::Estimate after = again.group_laws.at(0).at(nodes_of_eight(32), mebibytes(1));
  EXPECT_EQ(before.value_s, after.value_s);
  EXPECT_EQ(before.high_s, after.high_s);
}

}  // namespace
}  // namespace hockney::fit
