#include "views/points.hpp"

#include <gtest/gtest.h>

#include "fit/simulated_machine.hpp"
#include "render/view.hpp"
#include "views/launches.hpp"
#include "views/point_tables.hpp"

namespace hockney::views {
namespace {

const fit::SimulatedMachine machine{
    .launch_effect = 0.05, .samples = 20, .payloads = fit::SimulatedMachine::octaves(10, 11)};

TEST(PointsOfLaunches, EveryLaunchOfAMachineTellsTheSameOfTheNext) {
  const std::vector<Launch> launches = machine.run_several(3, 1);
  const std::vector<PointOfLaunch> points = points_of(launches);
  ASSERT_EQ(points.size(), 6U);
  std::vector<double> medians;
  for (std::size_t i = 0; i < 3; ++i) {
    medians.push_back(points[i].summary.median_s);
  }
  const Interval next = next_value_interval(medians);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(points[i].over.launches, 3U);
    EXPECT_EQ(points[i].over.median_s, median(medians));
    EXPECT_EQ(points[i].over.next_s.low, next.low);
    EXPECT_EQ(points[i].over.next_s.high, next.high);
  }
}

TEST(PointsOfLaunches, VisitsThatAreNotUsableSayNothingOfTheNextLaunch) {
  std::vector<Launch> launches = machine.run_several(3, 1);
  const std::vector<PointOfLaunch> before = points_of(launches);
  for (Measurement& visit : launches[2].measurements) {
    visit.flags.set(Flag::wrong_result);
  }
  const std::vector<PointOfLaunch> points = points_of(launches);
  EXPECT_EQ(points.at(0).over.launches, 2U);
  EXPECT_EQ(points.at(0).over.median_s,
            median(std::vector{before.at(0).summary.median_s, before.at(1).summary.median_s}));
  EXPECT_EQ(points.at(2).summary.median_s, before.at(2).summary.median_s) << "its own row shows it all the same";
}

TEST(PointsOfLaunches, LaunchesOfOtherMachinesAreNotCountedTogether) {
  std::vector<Launch> launches = machine.run_several(2, 1);
  launches[1].info.machine = "another";
  const std::vector<PointOfLaunch> points = points_of(launches);
  EXPECT_EQ(points.at(0).over.launches, 1U);
  const render::Table table = over_launches(points);
  EXPECT_EQ(table.rows.size(), 4U);
  EXPECT_EQ(table.remarks,
            std::vector<std::string>{"one launch of each machine: how far another start differs is not known"});
}

TEST(PointsOfLaunches, LaunchesWithAnotherSettingAreNotCountedTogetherAndAreToldApart) {
  std::vector<Launch> launches = machine.run_several(3, 1);
  launches[1].provenance["env.NCCL_NVLS_ENABLE"] = "0";
  const std::vector<PointOfLaunch> points = points_of(launches);
  std::vector<std::size_t> counted;
  for (const PointOfLaunch& row : points) {
    counted.push_back(row.over.launches);
  }
  EXPECT_EQ(counted, (std::vector<std::size_t>{2, 1, 2, 2, 1, 2}));
  EXPECT_EQ(over_launches(points).rows.size(), 4U) << "two payloads, two settings";
  const std::string text = to_text(views::launches(launches, false));
  EXPECT_NE(text.find("NCCL_NVLS_ENABLE:0"), std::string::npos) << text;
  EXPECT_NE(text.find("none of these"), std::string::npos) << text;
  launches.erase(launches.begin() + 1);
  EXPECT_EQ(to_text(views::launches(launches, false)).find("software"), std::string::npos) << "nothing to tell apart";
}

// A launch on three nodes of two ranks, whose points are between two of the nodes.
Launch between_nodes(const std::vector<std::string>& hosts, std::uint64_t seed) {
  Launch launch = machine.run(seed);
  launch.info.ranks = 6;
  launch.info.nodes = 3;
  for (int rank = 0; rank < 6; ++rank) {
    launch.placements.push_back({rank, hosts[static_cast<std::size_t>(rank) / 2], rank % 2, -1, 1, 2, ""});
  }
  for (Measurement& visit : launch.measurements) {
    visit.point.group = {.ranks = 2, .ranks_per_node = 1, .stride = 2, .first = 2};
  }
  return launch;
}

TEST(LaunchesView, NamesTheHostsOfAPairOfNodesInEveryLaunch) {
  const std::string text = to_text(views::launches(
      {between_nodes({"node-a", "node-b", "node-c"}, 1), between_nodes({"node-a", "node-d", "node-e"}, 2)}, false));
  EXPECT_NE(text.find("hosts"), std::string::npos);
  EXPECT_NE(text.find("node-b,node-c"), std::string::npos) << text;
  EXPECT_NE(text.find("node-d,node-e"), std::string::npos) << text;
}

TEST(LaunchesView, DoesNotRepeatTheHostsOfGroupsThatHaveThemAll) {
  Launch launch = between_nodes({"node-a", "node-b", "node-c"}, 1);
  for (Measurement& visit : launch.measurements) {
    visit.point.group = {.ranks = 6, .ranks_per_node = 2};
  }
  EXPECT_EQ(to_text(views::launches({launch}, false)).find("node-a,node-b,node-c"), std::string::npos);
}

TEST(PointsOfLaunches, NameTheHostsOfTheirGroup) {
  std::vector<Launch> launches = machine.run_several(1, 1);
  launches[0].info.ranks = 6;
  for (int rank = 0; rank < 6; ++rank) {
    launches[0].placements.push_back({rank, fmt::format("node-{}", rank / 2), rank % 2, -1, 1, 2, ""});
  }
  for (Measurement& visit : launches[0].measurements) {
    visit.point.group = {.ranks = 2, .ranks_per_node = 1, .stride = 2, .first = 2};
  }
  EXPECT_EQ(hosts_of(points_of(launches).front()), "node-1,node-2");
  launches[0].placements.clear();
  EXPECT_EQ(hosts_of(points_of(launches).front()), "") << "the launch does not tell";
}

// The faster of two ranks took half of the slower one's time.
std::vector<Launch> launches_with_a_wide_bracket() {
  std::vector<Launch> launches = machine.run_several(1, 1);
  for (Measurement& visit : launches[0].measurements) {
    std::vector<double> of_two_ranks;
    for (const double time : visit.elapsed) {
      of_two_ranks.insert(of_two_ranks.end(), {time / 2, time});
    }
    visit.elapsed = of_two_ranks;
    visit.rank_columns = 2;
    visit.point.become(Operation::all_gather);
  }
  return launches;
}

bool has_line_with(const std::vector<std::string>& lines, std::string_view words) {
  return std::any_of(lines.begin(), lines.end(),
                     [words](const std::string& line) { return line.find(words) != std::string::npos; });
}

TEST(PointsOfLaunches, AWideBracketStandsBesideTheFlags) {
  std::vector<Launch> launches = launches_with_a_wide_bracket();
  EXPECT_EQ(remarks_on(points_of(launches).front()), "wide_bracket");
  launches[0].measurements[0].flags.set(Flag::emulated);
  EXPECT_EQ(remarks_on(points_of(launches).front()), "emulated,wide_bracket");
  launches = machine.run_several(1, 1);
  EXPECT_EQ(remarks_on(points_of(launches).front()), "") << "one column for all ranks";
}

TEST(LaunchesView, SaysOfAWideBracketInEveryFormWhatItIs) {
  const render::View view = views::launches(launches_with_a_wide_bracket(), false);
  EXPECT_TRUE(has_line_with(view.notes, "wide_bracket: "));
  EXPECT_NE(render::to_text(view).find("wide_bracket"), std::string::npos);
  EXPECT_NE(render::to_csv(view).find(",wide_bracket,"), std::string::npos);
  EXPECT_NE(render::to_json(view).find("\"flags\": \"wide_bracket\""), std::string::npos);
  EXPECT_TRUE(views::launches(machine.run_several(1, 1), false).notes.empty());
}

TEST(LaunchesView, SaysThatGraphsOverANetworkHaveWorkOfTheHostOnTheirClock) {
  std::vector<Launch> launches = machine.run_several(1, 1);
  const auto says_so = [&] {
    return has_line_with(views::launches(launches, false).notes, "mode graph over a network");
  };
  for (Measurement& visit : launches[0].measurements) {
    visit.point.transport = TransportKind::nccl;
    visit.point.fabric = Fabric::infiniband;
  }
  EXPECT_FALSE(says_so());
  for (Measurement& visit : launches[0].measurements) {
    visit.point.mode = Mode::graph;
  }
  EXPECT_TRUE(says_so());
  for (Measurement& visit : launches[0].measurements) {
    visit.point.fabric = Fabric::nvswitch;
  }
  EXPECT_FALSE(says_so());
}

TEST(LaunchesView, NamesNetworkAdaptersOnATerminalWherePointsDifferInThem) {
  std::vector<Launch> launches = machine.run_several(1, 1);
  std::vector<Measurement>& visits = launches[0].measurements;
  ASSERT_EQ(visits.size(), 2U);
  const auto terminal = [&] { return render::to_text(views::launches(launches, false)); };
  for (Measurement& visit : visits) {
    visit.observation.connections = "NET/IB/0/GDRDMA";
    visit.observation.adapters = "mlx5_0:1";
  }
  EXPECT_EQ(terminal().find("mlx5_0:1"), std::string::npos);
  visits[1].observation.adapters = "mlx5_0:1,mlx5_3:1";
  EXPECT_NE(terminal().find("mlx5_0:1,mlx5_3:1"), std::string::npos);
  EXPECT_NE(render::to_json(views::launches(launches, false)).find("\"ran_adapters\": \"mlx5_0:1\""),
            std::string::npos);
}

TEST(LaunchesView, AWarningNamesTheLaunchesThatItIsAbout) {
  std::vector<Launch> launches = machine.run_several(2, 1);
  for (Measurement& visit : launches[0].measurements) {
    visit.flags.set(Flag::simulated);
  }
  const std::string simulated = "SIMULATED: answered by the scripted transport; no transfer took place";
  EXPECT_EQ(views::launches(launches, false).warnings,
            std::vector<std::string>{simulated + " (launches " + short_id(launches[0]) + ")"});
  launches.pop_back();
  EXPECT_EQ(views::launches(launches, false).warnings, std::vector<std::string>{simulated});
}

TEST(LaunchesView, HoldsNoPointsWhereNothingWasMeasured) {
  EXPECT_EQ(render::to_csv(launches({Launch{}}, false), "skipped"), "run_uuid,name,reason\n");
  EXPECT_NE(render::to_json(launches({Launch{}}, false)).find("\"points\": []"), std::string::npos);
}

}  // namespace
}  // namespace hockney::views
