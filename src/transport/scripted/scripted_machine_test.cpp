#include "transport/scripted/scripted_machine.hpp"

#include <filesystem>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "transport/scripted/scripted_transport.hpp"

namespace hockney::transport {
namespace {

/// Ranks i and partner[i] exchange.
Routing pairs(const std::vector<std::uint32_t>& partner) {
  Routing routing{0, "pairs", std::vector<double>(partner.size() * partner.size())};
  for (std::size_t rank = 0; rank < partner.size(); ++rank) {
    routing.weights[rank * partner.size() + partner[rank]] = 1;
  }
  return routing;
}

const auto machines = std::filesystem::path(__FILE__).parent_path() / "../../../data/machines";

TEST(ParseFault, ReadsEveryPlaceAndTime) {
  for (const char* text :
       {"slow-node:17:2%", "slow-nic:17/5:30%", "slow-pair:3-9:50%:loaded", "slow-rail:5:10%:first=16",
        "slow-nic:17/5:30%:sending:loaded", "slow-pair:3-9:50%:receiving:first=4"}) {
    EXPECT_EQ(to_string(parse_fault(text)), text);
  }
  EXPECT_DOUBLE_EQ(parse_fault("slow-node:17:2%").lost, 0.02);
}

TEST(ParseFault, RefusesWhatItDoesNotKnow) {
  for (const char* text :
       {"slow-node:17", "slow-node:a:2%", "slow-nod:17:2%", "slow-pair:3:50%", "slow-pair:3-3:50%", "slow-nic:3-4:5%",
        "slow-node:17:0%", "slow-node:17:100%", "slow-node:17:2%:soon", "slow-node:17:2%:first=0",
        "slow-node:17:2%:loaded:loaded", "slow-rail:5:2%:sending", "slow-node:17:2%:sending:receiving"}) {
    EXPECT_THROW(parse_fault(text), InputError) << text;
  }
}

TEST(ScriptedMachine, IsReadFromTheShippedFiles) {
  const ScriptedMachine dgx = read_scripted_machine("dgx-a100", machines);
  EXPECT_EQ(dgx.ranks_per_node, 8U);
  EXPECT_EQ(dgx.inter_node, Fabric::infiniband);
  EXPECT_EQ(dgx.segments.size(), 3U);
  EXPECT_EQ(dgx.adapters.at(4), "mlx5_6:1");
  EXPECT_THROW(read_scripted_machine("dgx-a10", machines), InputError);
}

TEST(RequireFaultsFit, NamesTheNodesAndRailsThatThereAre) {
  ScriptedMachine machine;
  machine.ranks = 32;
  machine.faults = {parse_fault("slow-node:3:2%"), parse_fault("slow-rail:7:2%")};
  EXPECT_NO_THROW(require_faults_fit(machine));
  machine.faults = {parse_fault("slow-node:4:2%")};
  EXPECT_THROW(require_faults_fit(machine), InputError);
  machine.faults = {parse_fault("slow-rail:8:2%")};
  EXPECT_THROW(require_faults_fit(machine), InputError);
}

class TimesOfPairs : public testing::Test {
 protected:
  TimesOfPairs() {
    machine_.noise = 0;
    machine_.segments = {{{}, Seconds{0}, SecondsPerByte{1e-9}}};
    machine_.ranks = 8;
    machine_.ranks_per_node = 2;
    point_.become(Operation::all_to_all_v);
    point_.payload = Bytes{1000000};
    point_.group = {.ranks = 4, .ranks_per_node = 1, .stride = 2, .concurrent = 2};
    point_.own = pairs({3, 2, 1, 0});
  }

  /// ms, of the columns rail 0 nodes 0 .. 3, rail 1 nodes 0 .. 3.
  std::vector<double> times(const std::string& fault) {
    machine_.faults = {parse_fault(fault)};
    const auto transport = make_scripted_transport(machine_, 1);
    std::vector<double> elapsed = transport->join(point_)->take(1, nullptr, 1, false).elapsed;
    for (double& time : elapsed) {
      time *= 1e3;
    }
    return elapsed;
  }

  ScriptedMachine machine_;
  Case point_;
};

TEST_F(TimesOfPairs, AFaultSlowsThePairsThatMeetIt) {
  EXPECT_EQ(times("slow-node:3:50%"), (std::vector<double>{2, 1, 1, 2, 2, 1, 1, 2}));
  EXPECT_EQ(times("slow-nic:3/1:50%"), (std::vector<double>{1, 1, 1, 1, 2, 1, 1, 2}));
  EXPECT_EQ(times("slow-pair:1-2:50%"), (std::vector<double>{1, 2, 2, 1, 1, 2, 2, 1}));
  EXPECT_EQ(times("slow-pair:0-1:50%"), (std::vector<double>{1, 1, 1, 1, 1, 1, 1, 1}));
  EXPECT_EQ(times("slow-rail:0:50%"), (std::vector<double>{2, 2, 2, 2, 1, 1, 1, 1}));
}

TEST_F(TimesOfPairs, AFaultUnderLoadIsGoneWhereOnePairRunsAlone) {
  EXPECT_EQ(times("slow-node:3:50%:loaded"), (std::vector<double>{2, 1, 1, 2, 2, 1, 1, 2}));
  point_.own = pairs({3, 1, 2, 0});
  EXPECT_EQ(times("slow-node:3:50%:loaded")[0], 1);
}

TEST_F(TimesOfPairs, AFaultOneWaySlowsWhatGoesThatWay) {
  EXPECT_EQ(times("slow-node:3:50%:sending"), (std::vector<double>{2, 1, 1, 2, 2, 1, 1, 2})) << "both ways at once";
  point_.own = Routing{0, "0 to 3, 2 to 1", {0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}};
  EXPECT_EQ(times("slow-node:3:50%:sending"), (std::vector<double>{1, 1, 1, 1, 1, 1, 1, 1}));
  EXPECT_EQ(times("slow-node:3:50%:receiving"), (std::vector<double>{2, 1, 1, 2, 2, 1, 1, 2}));
  EXPECT_EQ(times("slow-nic:0/1:50%:sending"), (std::vector<double>{1, 1, 1, 1, 2, 1, 1, 2}));
  EXPECT_EQ(times("slow-pair:1-2:50%:sending"), (std::vector<double>{1, 1, 1, 1, 1, 1, 1, 1}));
  EXPECT_EQ(times("slow-pair:1-2:50%:receiving"), (std::vector<double>{1, 2, 2, 1, 1, 2, 2, 1}));
}

TEST_F(TimesOfPairs, TellTheAdaptersOfTheirRails) {
  const auto adapters = [&] { return make_scripted_transport(machine_, 1)->join(point_)->observe(nullptr).adapters; };
  EXPECT_EQ(adapters(), "");
  machine_.adapters = {"mlx5_0:1", "mlx5_1:1"};
  EXPECT_EQ(adapters(), "mlx5_0:1,mlx5_1:1");
  point_.group = {.ranks = 4, .ranks_per_node = 1, .stride = 2, .concurrent = 1, .first = 1};
  EXPECT_EQ(adapters(), "mlx5_1:1");
  point_.group = {.ranks = 2, .ranks_per_node = 2};
  point_.own = pairs({1, 0});
  EXPECT_EQ(adapters(), "") << "within a node there are none";
}

TEST_F(TimesOfPairs, OtherOperationsAreAsSlowAsTheWorstFaultAmongTheirRanks) {
  point_.become(Operation::all_reduce);
  EXPECT_EQ(times("slow-node:3:50%").front(), 2);
  point_.group = {.ranks = 2, .ranks_per_node = 2};
  EXPECT_EQ(times("slow-node:0:50%").front(), 1) << "within a node nothing is slow";
}

TEST_F(TimesOfPairs, AFaultOfTheFirstVisitsGoesAway) {
  machine_.faults = {parse_fault("slow-node:3:50%:first=1")};
  const auto transport = make_scripted_transport(machine_, 1);
  EXPECT_NEAR(transport->join(point_)->take(1, nullptr, 1, false).elapsed[0], 2e-3, 1e-12);
  EXPECT_NEAR(transport->join(point_)->take(1, nullptr, 1, false).elapsed[0], 1e-3, 1e-12);
}

}  // namespace
}  // namespace hockney::transport
