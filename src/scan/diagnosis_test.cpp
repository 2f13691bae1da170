#include "scan/diagnosis.hpp"

#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <random>

namespace hockney::scan {
namespace {

constexpr Bytes large = mebibytes(256);

/// What makes an exchange longer; `alone`: no other pair runs.
using Slowdown = std::function<double(const NodePair&, std::uint32_t rail, bool alone)>;

class Machine {
 public:
  Machine(std::uint32_t nodes, std::uint32_t rails, Slowdown slowdown) : slowdown_(std::move(slowdown)) {
    scan_.nodes = nodes;
    scan_.rails = rails;
    scan_.rounds = draw_tournament(nodes, 8, 3);
    for (std::uint32_t number = 0; number < scan_.rounds.size(); ++number) {
      for (const NodePair& pair : scan_.rounds[number]) {
        add(pair, number, false, false);
      }
    }
  }

  /// As hockney-bench does.
  std::vector<Suspect> diagnose() {
    const auto suspects = find_suspects(scan_);
    for (std::uint32_t repeat = 0; repeat < 3; ++repeat) {
      for (const NodePair& pair : pairs_to_repeat(scan_, suspects)) {
        add(pair, repeat, true, false);
      }
    }
    for (std::uint32_t number = 0; number < scan_.rounds.size() && !suspects.empty(); ++number) {
      for (const NodePair& pair : scan_.rounds[number]) {
        add(pair, number, false, true);
      }
    }
    return scan::diagnose(scan_);
  }

 private:
  void add(const NodePair& pair, std::uint32_t round, bool alone, bool again) {
    std::normal_distribution<double> noise(0, 0.004);
    for (std::uint32_t rail = 0; rail < scan_.rails; ++rail) {
      const double usual = alone ? 0.0105 : 0.011;  // alone, a pair has the switches for itself
      const double time = usual * slowdown_(pair, rail, alone) * std::exp(noise(generator_));
      scan_.times.push_back({pair, rail, large, time, alone, round, again});
    }
  }

  ScanRecord scan_;
  Slowdown slowdown_;
  std::mt19937_64 generator_{11};
};

bool has(const NodePair& pair, std::uint32_t node) { return pair.one == node || pair.other == node; }

TEST(Diagnosis, FindsNothingWhereNothingIsSlow) {
  EXPECT_TRUE(Machine(64, 8, [](const auto&, auto, bool) { return 1.0; }).diagnose().empty());
}

TEST(Diagnosis, NamesANodeThatIsTwoPercentSlow) {
  const auto found =
      Machine(64, 8, [](const NodePair& pair, auto, bool) { return has(pair, 17) ? 1.02 : 1; }).diagnose();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, SuspectKind::node);
  EXPECT_EQ(found[0].nodes, (NodePair{17, 17}));
  EXPECT_EQ(found[0].rails.size(), 8U);
  EXPECT_NEAR(found[0].excess, 0.02, 0.005);
  EXPECT_EQ(found[0].verdict, Verdict::persistent);
  EXPECT_EQ(found[0].slow_repeats, 3U);
}

TEST(Diagnosis, TellsANicFromItsNode) {
  const auto found = Machine(16, 8, [](const NodePair& pair, std::uint32_t rail, bool) {
                       return has(pair, 3) && rail == 5 ? 1.3 : 1;
                     }).diagnose();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, SuspectKind::nic);
  EXPECT_EQ(found[0].rails, std::vector<std::uint32_t>{5});
  EXPECT_EQ(found[0].verdict, Verdict::persistent);
}

TEST(Diagnosis, NamesAPathBetweenTwoGoodNodes) {
  const NodePair slow = draw_tournament(64, 8, 3)[2][5];
  const auto found =
      Machine(64, 4, [=](const NodePair& pair, auto, bool) { return pair == slow ? 2.0 : 1; }).diagnose();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, SuspectKind::path);
  EXPECT_EQ(found[0].nodes, slow);
  EXPECT_NEAR(found[0].excess, 1, 0.05);
  EXPECT_EQ(found[0].verdict, Verdict::persistent);
}

TEST(Diagnosis, NamesARailThatIsSlowEverywhere) {
  const auto found =
      Machine(16, 8, [](const auto&, std::uint32_t rail, bool) { return rail == 6 ? 1.1 : 1; }).diagnose();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, SuspectKind::rail);
  EXPECT_EQ(found[0].rails, std::vector<std::uint32_t>{6});
  EXPECT_EQ(found[0].verdict, Verdict::persistent) << to_text(found[0], NodeNames({}));
}

TEST(Diagnosis, TellsContentionFromAFault) {
  const auto found = Machine(16, 2, [](const NodePair& pair, auto, bool alone) {
                       return has(pair, 4) && !alone ? 1.4 : 1;
                     }).diagnose();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].verdict, Verdict::contention);
  EXPECT_EQ(found[0].slow_repeats, 0U);
}

TEST(Diagnosis, SaysThatAFaultHasGone) {
  int exchanges = 0;
  const int of_rounds = 8 * 8;
  const auto found = Machine(16, 1, [&](const NodePair& pair, auto, bool) {
                       return ++exchanges <= of_rounds && has(pair, 4) ? 1.4 : 1;
                     }).diagnose();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].verdict, Verdict::transient);
}

TEST(Diagnosis, OfThreeNodesNamesThePairsOfTheSlowOne) {
  const auto found = Machine(3, 1, [](const NodePair& pair, auto, bool) { return has(pair, 2) ? 1.5 : 1; }).diagnose();
  ASSERT_EQ(found.size(), 2U);
  for (const Suspect& suspect : found) {
    EXPECT_EQ(suspect.kind, SuspectKind::path);
    EXPECT_EQ(suspect.nodes.other, 2U);
    EXPECT_EQ(suspect.verdict, Verdict::persistent);
  }
}

TEST(Diagnosis, OfTwoNodesComparesRails) {
  const auto found =
      Machine(2, 8, [](const auto&, std::uint32_t rail, bool) { return rail == 1 ? 1.5 : 1; }).diagnose();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].rails, std::vector<std::uint32_t>{1});
  EXPECT_EQ(found[0].verdict, Verdict::persistent);
}

TEST(NameOfSuspect, NamesHostGpuAndRail) {
  std::vector<Placement> placements(4);
  for (int rank = 0; rank < 4; ++rank) {
    Placement& placement = placements[static_cast<std::size_t>(rank)];
    placement.rank = rank;
    placement.host = rank < 2 ? "left" : "right";
    placement.local_rank = rank % 2;
    placement.gpu = "GPU-" + std::to_string(rank);
  }
  const NodeNames names(placements);
  EXPECT_EQ(name_of_suspect({SuspectKind::nic, {1, 1}, {1}}, names), "right, rail 1 (GPU-3)");
  EXPECT_EQ(name_of_suspect({SuspectKind::node, {0, 0}, {0, 1}}, names), "left, all 2 rails");
  EXPECT_EQ(name_of_suspect({SuspectKind::path, {0, 1}, {0}}, names), "left - right, rail 0");
  EXPECT_EQ(name_of_suspect({SuspectKind::rail, {}, {1}}, names), "1, between all hosts");
}

}  // namespace
}  // namespace hockney::scan
