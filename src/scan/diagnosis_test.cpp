#include "scan/diagnosis.hpp"

#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <gtest/gtest.h>
#include <random>

#include "record/near_nics.hpp"
#include "scan/exchanges_alone.hpp"

namespace hockney::scan {
namespace {

constexpr Bytes large = mebibytes(256);

/// What makes an exchange longer; `alone`: no other pair runs.
using Slowdown = std::function<double(const NodePair&, std::uint32_t rail, bool alone)>;
/// The same of messages one way.
using OneWay = std::function<double(std::uint32_t from, std::uint32_t to, std::uint32_t rail)>;

class Machine {
 public:
  Machine(std::uint32_t nodes, std::uint32_t rails, Slowdown slowdown, OneWay one_way = {})
      : slowdown_(std::move(slowdown)), one_way_(std::move(one_way)) {
    scan_.nodes = nodes;
    scan_.rails = rails;
    scan_.rounds = draw_tournament(nodes, 8, 3);
    for (std::uint32_t number = 0; number < scan_.rounds.size(); ++number) {
      for (const NodePair& pair : scan_.rounds[number]) {
        add(pair, number, false, false);
      }
    }
  }

  /// Both ways at the same time, the slower one counts.
  static Machine of_ways(std::uint32_t nodes, std::uint32_t rails, const OneWay& one_way) {
    const auto slower = [one_way](const NodePair& pair, std::uint32_t rail, bool) {
      return std::max(one_way(pair.one, pair.other, rail), one_way(pair.other, pair.one, rail));
    };
    return {nodes, rails, slower, one_way};
  }

  const ScanRecord& scan() const { return scan_; }

  /// As hockney-bench does.
  std::vector<Suspect> diagnose() {
    const auto suspects = find_suspects(scan_);
    for (std::uint32_t repeat = 0; repeat < 3; ++repeat) {
      for (const NodePair& pair : pairs_to_repeat(scan_, suspects)) {
        add(pair, repeat, true, false);
      }
    }
    for (const Alone& exchange : one_way_ ? exchanges_one_way(scan_, suspects) : std::vector<Alone>{}) {
      add_one_way(exchange);
    }
    for (std::uint32_t number = 0; number < scan_.rounds.size() && !suspects.empty(); ++number) {
      for (const NodePair& pair : scan_.rounds[number]) {
        add(pair, number, false, true);
      }
    }
    return scan::diagnose(scan_);
  }

 private:
  // One rail has the node for itself, and is faster. Its adapter is told where no other is in use.
  void add_one_way(const Alone& exchange) {
    std::normal_distribution<double> noise(0, 0.004);
    const auto [one, other] = exchange.nodes;
    for (std::uint32_t rail = exchange.rail.value_or(0); rail < exchange.rail.value_or(scan_.rails - 1) + 1; ++rail) {
      const double usual = exchange.rail ? 0.0095 : 0.0105;
      const double factor = exchange.way == Way::there ? one_way_(one, other, rail) : one_way_(other, one, rail);
      PairTime time{exchange.nodes, rail, exchange.payload, usual * factor * std::exp(noise(generator_)), true};
      time.way = exchange.way;
      time.on_one_rail = exchange.rail && scan_.rails > 1;
      time.adapters = exchange.rail ? fmt::format("a{}-{},a{}-{}", one, rail, other, rail) : "";
      scan_.times.push_back(time);
    }
  }

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
  OneWay one_way_;
  std::mt19937_64 generator_{11};
};

TEST(Diagnosis, FindsNothingWhereNothingIsSlow) {
  EXPECT_TRUE(Machine(64, 8, [](const auto&, auto, bool) { return 1.0; }).diagnose().empty());
}

TEST(Diagnosis, NamesANodeThatIsTwoPercentSlow) {
  const auto found =
      Machine(64, 8, [](const NodePair& pair, auto, bool) { return pair.has(17) ? 1.02 : 1; }).diagnose();
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
                       return pair.has(3) && rail == 5 ? 1.3 : 1;
                     }).diagnose();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, SuspectKind::nic);
  EXPECT_EQ(found[0].rails, std::vector<std::uint32_t>{5});
  EXPECT_EQ(found[0].verdict, Verdict::persistent);
}

TEST(Diagnosis, TellsWhichWayANodeIsSlow) {
  const auto direction_of = [](bool sends_slowly, bool receives_slowly) {
    const auto found =
        Machine::of_ways(16, 2, ([&](std::uint32_t from, std::uint32_t to, std::uint32_t) {
                           return (from == 4 && sends_slowly) || (to == 4 && receives_slowly) ? 1.02 : 1.0;
                         }))
            .diagnose();
    EXPECT_EQ(found.size(), 1U);
    return found.empty() ? Direction::unknown : found[0].direction;
  };
  EXPECT_EQ(direction_of(true, false), Direction::sending);
  EXPECT_EQ(direction_of(false, true), Direction::receiving);
  EXPECT_EQ(direction_of(true, true), Direction::both);
}

TEST(Diagnosis, NamesTheAdapterOfANicThatReceivesSlowly) {
  const auto found =
      Machine::of_ways(
          16, 8, ([](std::uint32_t, std::uint32_t to, std::uint32_t rail) { return to == 3 && rail == 5 ? 1.3 : 1.0; }))
          .diagnose();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, SuspectKind::nic);
  EXPECT_EQ(found[0].direction, Direction::receiving);
  EXPECT_EQ(found[0].adapters, (std::map<std::uint32_t, std::string>{{5, "a3-5"}}))
      << "what all its exchanges had in common";
}

TEST(Diagnosis, TellsWhichWayAPathIsSlow) {
  const NodePair slow = draw_tournament(64, 8, 3)[2][5];
  const auto found = Machine::of_ways(64, 4, ([=](std::uint32_t from, std::uint32_t to, std::uint32_t) {
                                        return from == slow.other && to == slow.one ? 2.0 : 1.0;
                                      }))
                         .diagnose();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, SuspectKind::path);
  EXPECT_EQ(found[0].direction, Direction::receiving) << "from the other node to the first";
}

TEST(Diagnosis, OfTwoNodesTellsWhichWayARailIsSlow) {
  const auto found = Machine::of_ways(2, 8, ([](std::uint32_t from, std::uint32_t, std::uint32_t rail) {
                                        return from == 0 && rail == 1 ? 1.5 : 1.0;
                                      }))
                         .diagnose();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].direction, Direction::sending);
}

TEST(Diagnosis, SaysWhereANodeIsSlowOnlyBothWaysAtTheSameTime) {
  const auto found = Machine(
                         16, 2, [](const NodePair& pair, auto, bool) { return pair.has(4) ? 1.3 : 1; },
                         [](auto, auto, auto) { return 1.0; })
                         .diagnose();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].verdict, Verdict::persistent);
  EXPECT_EQ(found[0].direction, Direction::neither);
}

TEST(Diagnosis, SendsOneWayInANumberThatTheNodesDoNotChange) {
  const auto slow = [](const NodePair& pair, std::uint32_t rail, bool) { return pair.has(3) && rail == 5 ? 1.3 : 1; };
  const auto exchanges = [&](std::uint32_t nodes) {
    const ScanRecord scan = Machine(nodes, 8, slow).scan();
    return exchanges_one_way(scan, find_suspects(scan)).size();
  };
  EXPECT_EQ(exchanges(16), 3U * 2 + 3) << "to and from three good nodes, and three pairs of those";
  EXPECT_EQ(exchanges(64), exchanges(16));
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

TEST(Diagnosis, OfTwoRailsNamesTheSlowerOne) {
  const auto found =
      Machine(16, 2, [](const auto&, std::uint32_t rail, bool) { return rail == 0 ? 1.05 : 1; }).diagnose();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, SuspectKind::rail);
  EXPECT_EQ(found[0].rails, std::vector<std::uint32_t>{0});
  EXPECT_EQ(found[0].verdict, Verdict::persistent);
}

TEST(Diagnosis, NamesANicThatIsSlowerThanItsSlowNode) {
  const auto found = Machine(64, 8, [](const NodePair& pair, std::uint32_t rail, bool) {
                       return pair.has(17) ? (rail == 5 ? 1.4 : 1.02) : 1;
                     }).diagnose();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].kind, SuspectKind::nic);
  EXPECT_EQ(found[0].rails, std::vector<std::uint32_t>{5});
  EXPECT_NEAR(found[0].excess, 0.4, 0.01);
  EXPECT_EQ(found[1].kind, SuspectKind::node);
  EXPECT_NEAR(found[1].excess, 0.02, 0.005);
  for (const Suspect& suspect : found) {
    EXPECT_EQ(suspect.nodes.one, 17U);
    EXPECT_EQ(suspect.verdict, Verdict::persistent);
  }
}

TEST(Diagnosis, NamesTwoSlowNodesAndASlowRailAtOnce) {
  const NodePair pair_of_slow = draw_tournament(64, 8, 3)[2][5];
  const auto found = Machine(64, 8, [=](const NodePair& pair, std::uint32_t rail, bool) {
                       const bool is_slow = pair.has(pair_of_slow.one) || pair.has(pair_of_slow.other);
                       return std::max(is_slow ? 1.05 : 1, rail == 6 ? 1.1 : 1);
                     }).diagnose();
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].kind, SuspectKind::rail);
  EXPECT_EQ(found[1].kind, SuspectKind::node);
  EXPECT_EQ(found[2].kind, SuspectKind::node);
  for (const Suspect& suspect : found) {
    EXPECT_EQ(suspect.verdict, Verdict::persistent);
  }
}

TEST(Diagnosis, TellsContentionFromAFault) {
  const auto found =
      Machine(16, 2, [](const NodePair& pair, auto, bool alone) { return pair.has(4) && !alone ? 1.4 : 1; }).diagnose();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].verdict, Verdict::contention);
  EXPECT_EQ(found[0].slow_repeats, 0U);
}

TEST(Diagnosis, SaysThatAFaultHasGone) {
  int exchanges = 0;
  const int of_rounds = 8 * 8;
  const auto found = Machine(16, 1, [&](const NodePair& pair, auto, bool) {
                       return ++exchanges <= of_rounds && pair.has(4) ? 1.4 : 1;
                     }).diagnose();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].verdict, Verdict::transient);
}

TEST(Diagnosis, TakesNoScatterForAFaultThatStays) {
  int transient = 0;
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937_64 generator(seed);
    std::normal_distribution<double> scatter(0, 0.02);
    int exchanges = 0;
    const int of_rounds = 8 * 8 * 8;
    const auto found = Machine(16, 8, [&](const NodePair& pair, std::uint32_t rail, bool) {
                         const bool is_slow = ++exchanges <= of_rounds && pair.has(4) && rail == 2;
                         return (is_slow ? 1.4 : 1) * std::exp(scatter(generator));
                       }).diagnose();
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found[0].kind, SuspectKind::nic);
    transient += found[0].verdict == Verdict::transient ? 1 : 0;
  }
  EXPECT_EQ(transient, 20);
}

TEST(Diagnosis, SaysWhatItCannotTell) {
  const auto all_alike = [](const auto&, auto, bool) { return 1.0; };
  const auto lines_of = [&](std::uint32_t nodes, std::uint32_t rails) {
    return blind_spots(Machine(nodes, rails, all_alike).scan());
  };
  EXPECT_EQ(lines_of(65, 2),
            (std::vector<std::string>{"smallest fault that shows at 256 MiB: a node 1.0 % slower, a path 10.5 % slower",
                                      "256 of 2080 pairs of nodes met; --scan-rounds 65 visits all"}));
  EXPECT_EQ(lines_of(9, 2).size(), 2U) << "8 of its 9 rounds";
  EXPECT_EQ(lines_of(8, 2).size(), 1U);
  EXPECT_EQ(lines_of(3, 2), std::vector<std::string>{"smallest fault that shows at 256 MiB: a path 10.5 % slower"});
  EXPECT_EQ(lines_of(2, 2).back(),
            "two nodes: rails are compared with each other; what slows all of them does not show");
  EXPECT_EQ(lines_of(2, 1).back(), "two nodes with one rail: there is nothing to compare them with but the line rate");
  ScanRecord small = Machine(8, 2, all_alike).scan();
  for (PairTime& time : small.times) {
    time.payload = kibibytes(1);
  }
  EXPECT_EQ(blind_spots(small).front(),
            "smallest fault that shows at 1 KiB: a node 10.5 % slower, a path 2.7 times as slow");
  // as many slow nodes as fast ones: none of them is typical
  const auto halves = [](const NodePair& pair, auto, bool) {
    return 1.0 + 0.2 * (pair.one % 2) + 0.2 * (pair.other % 2);
  };
  EXPECT_NE(blind_spots(Machine(16, 2, halves).scan()).front().find("a node 6"), std::string::npos);
}

TEST(Diagnosis, OfThreeNodesNamesThePairsOfTheSlowOne) {
  const auto found = Machine(3, 1, [](const NodePair& pair, auto, bool) { return pair.has(2) ? 1.5 : 1; }).diagnose();
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

TEST(NameOfSuspect, NamesHostGpuAdapterAndRail) {
  std::vector<Placement> placements(4);
  for (int rank = 0; rank < 4; ++rank) {
    Placement& placement = placements[static_cast<std::size_t>(rank)];
    placement.rank = rank;
    placement.host = rank < 2 ? "left" : "right";
    placement.local_rank = rank % 2;
    placement.gpu = "GPU-" + std::to_string(rank);
  }
  const NodeNames names(placements, {{near_nics_fact(3), "mlx5_2, mlx5_3 (PXB)"}});
  Suspect nic{SuspectKind::nic, {1, 1}, {1}};
  EXPECT_EQ(name_of_suspect(nic, names), "right, rail 1 (GPU-3, near it mlx5_2, mlx5_3 (PXB), not observed)");
  nic.adapters[1] = "mlx5_3:1";
  EXPECT_EQ(name_of_suspect(nic, names), "right, rail 1 (GPU-3, mlx5_3:1)");
  nic.adapters[1] = "0";
  EXPECT_EQ(name_of_suspect(nic, names), "right, rail 1 (GPU-3, NCCL's adapter 0)");
  EXPECT_EQ(name_of_suspect({SuspectKind::nic, {0, 0}, {1}}, names), "left, rail 1 (GPU-1)");
  EXPECT_EQ(name_of_suspect({SuspectKind::node, {0, 0}, {0, 1}}, names), "left, all 2 rails");
  EXPECT_EQ(name_of_suspect({SuspectKind::path, {0, 1}, {0}}, names), "left - right, rail 0");
  EXPECT_EQ(name_of_suspect({SuspectKind::rail, {}, {1}}, names), "1, between all hosts");
}

}  // namespace
}  // namespace hockney::scan
