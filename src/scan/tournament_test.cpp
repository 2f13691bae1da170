#include "scan/tournament.hpp"

#include <gtest/gtest.h>
#include <set>

#include "base/error.hpp"

namespace hockney::scan {
namespace {

class Tournament : public testing::TestWithParam<std::uint32_t> {};

TEST_P(Tournament, LetsNobodyMeetTwoInARoundAndEveryTwoMeetOnce) {
  const std::uint32_t nodes = GetParam();
  const std::uint32_t all_rounds = nodes + nodes % 2 - 1;
  std::set<NodePair> met;
  for (const Round& round : draw_tournament(nodes, all_rounds, 7)) {
    EXPECT_EQ(round.size(), nodes / 2);
    std::set<std::uint32_t> busy;
    for (const NodePair& pair : round) {
      EXPECT_LT(pair.one, pair.other);
      EXPECT_LT(pair.other, nodes);
      EXPECT_TRUE(busy.insert(pair.one).second && busy.insert(pair.other).second);
      EXPECT_TRUE(met.insert(pair).second) << pair.one << "-" << pair.other;
    }
  }
  EXPECT_EQ(met.size(), nodes * (nodes - 1) / 2);
}

INSTANTIATE_TEST_SUITE_P(OfNodes, Tournament, testing::Values(2U, 3U, 4U, 5U, 16U, 63U, 64U));

TEST(DrawTournament, FollowsItsSeedAndBeginsAnewAfterAllRounds) {
  EXPECT_EQ(draw_tournament(16, 8, 1), draw_tournament(16, 8, 1));
  EXPECT_NE(draw_tournament(16, 8, 1), draw_tournament(16, 8, 2));
  const auto rounds = draw_tournament(4, 5, 1);
  EXPECT_EQ(rounds[3], rounds[0]);
}

TEST(TournamentText, IsReadBack) {
  const auto rounds = draw_tournament(5, 3, 1);
  EXPECT_EQ(parse_tournament(to_text(rounds)), rounds);
  EXPECT_EQ(to_text({{{0, 5}, {1, 3}}, {{0, 1}}}), "0-5 1-3; 0-1");
  EXPECT_THROW(parse_tournament("0-5 1+3"), InputError);
  EXPECT_THROW(parse_tournament("0-x"), InputError);
}

TEST(NameOfRound, HoldsItsNumber) {
  EXPECT_EQ(number_of_round(name_of_round(12)), 12U);
  EXPECT_FALSE(number_of_round("scan-pair"));
  EXPECT_FALSE(number_of_round("scan-round-"));
}

TEST(RoutingOfRound, MakesPairsExchangeAndTheOddOneOutKeepItsOwn) {
  const auto partners = partners_of(routing_of({{0, 2}}, 3, "r"), 3);
  ASSERT_TRUE(partners);
  EXPECT_EQ(*partners, (std::vector<std::uint32_t>{2, 1, 0}));
  EXPECT_FALSE(partners_of(Routing{}, 3));
  EXPECT_FALSE(partners_of({0, "ring", {0, 1, 0, 0, 0, 1, 1, 0, 0}}, 3)) << "a ring has no pairs";
  EXPECT_EQ(partners_of({0, "one way", {0, 1, 0, 0}}, 2), (std::vector<std::uint32_t>{1, 0}));
  EXPECT_FALSE(partners_of({0, "two to one", {0, 0, 1, 0, 0, 1, 0, 0, 0}}, 3)) << "nor have two that send to a third";
}

}  // namespace
}  // namespace hockney::scan
