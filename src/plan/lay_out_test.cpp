#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <set>
#include <unistd.h>

#include "base/error.hpp"
#include "plan/at_payload.hpp"
#include "plan/plan.hpp"

namespace hockney::inline plan {
namespace {

constexpr World one_gpu{.transport = TransportKind::nccl,
                        .ranks = 1,
                        .ranks_per_node = 1,
                        .intra_node = Fabric::nvswitch,
                        .inter_node = Fabric::infiniband,
                        .default_mode = Mode::isolated};

World cluster(std::uint32_t nodes, std::uint32_t ranks_per_node) {
  World world = one_gpu;
  world.ranks = nodes * ranks_per_node;
  world.ranks_per_node = ranks_per_node;
  return world;
}

Plan::Layout lay_out(const std::string& measure, const World& world) {
  const std::string text = "name = 'p'\n[[measure]]\nsizes = { list = ['1KiB'] }\n" + measure;
  return parse_plan(text, "p.toml", "").lay_out(world);
}

std::vector<Group> groups_of(const Plan::Layout& layout) {
  std::vector<Group> groups;
  std::transform(layout.cases.begin(), layout.cases.end(), std::back_inserter(groups),
                 [](const Case& point) { return point.group; });
  return groups;
}

std::string only_reason(const Plan::Layout& layout) {
  return layout.skipped.size() == 1 && layout.cases.empty() ? layout.skipped.front().reason : "not one skipped row";
}

using Groups = std::vector<Group>;
const std::string all_reduce = "experiment = 'all_reduce'\n";

TEST(LayOutGroups, NodesAndRailsAloneAndAllAtOnce) {
  const World world = cluster(3, 4);
  EXPECT_EQ(groups_of(lay_out(all_reduce + "group = 'node'\nconcurrent = [false, true]\n", world)),
            (Groups{{4, 4, 1, 1}, {4, 4, 1, 3}}));
  EXPECT_EQ(groups_of(lay_out(all_reduce + "group = 'node'\nranks = 2\nconcurrent = true\n", world)),
            (Groups{{2, 2, 1, 6}}));
  EXPECT_EQ(groups_of(lay_out(all_reduce + "group = 'rail'\nconcurrent = [false, true]\n", world)),
            (Groups{{3, 1, 4, 1}, {3, 1, 4, 4}}));
  EXPECT_EQ(groups_of(lay_out(all_reduce + "group = 'rail'\nranks = 2\nconcurrent = true\n", cluster(4, 2))),
            (Groups{{2, 1, 2, 4}}));
  EXPECT_EQ(groups_of(lay_out(all_reduce + "ranks = [2, 8]\nconcurrent = true\n", cluster(4, 4))),
            (Groups{{2, 2, 1, 8}, {8, 4, 1, 2}}));
}

TEST(LayOutGroups, SoManyAtOnce) {
  const std::string pairs = "experiment = 'ping_pong'\noperations = 'ping_pong'\ngroup = 'node_pair'\n";
  const auto layout = lay_out(pairs + "concurrent = [1, 2, true, 16]\n", cluster(2, 8));
  EXPECT_EQ(groups_of(layout), (Groups{{2, 1, 8, 1}, {2, 1, 8, 2}, {2, 1, 8, 8}}));
  ASSERT_EQ(layout.skipped.size(), 1U);
  EXPECT_EQ(layout.skipped[0].point.group, (Group{2, 1, 8, 16}));
  EXPECT_EQ(layout.skipped[0].reason, "16 groups at once: this run has 8 side by side");
  EXPECT_EQ(groups_of(lay_out(all_reduce + "group = 'node'\nconcurrent = 2\n", cluster(3, 4))), (Groups{{4, 4, 1, 2}}));
  EXPECT_EQ(groups_of(lay_out(all_reduce + "nodes = 2\nranks_per_node = 2\nconcurrent = 3\n", cluster(2, 8))),
            (Groups{{4, 2, 4, 3}}));
  EXPECT_EQ(groups_of(lay_out(all_reduce + "nodes = 1\nconcurrent = 4\n", cluster(2, 8))), Groups{});
  EXPECT_THROW(lay_out(all_reduce + "concurrent = 0\n", cluster(2, 8)), InputError);
  EXPECT_THROW(lay_out(all_reduce + "concurrent = 'all'\n", cluster(2, 8)), InputError);
}

TEST(LayOutGroups, ByNodesAndRanksOnEach) {
  const World world = cluster(4, 8);
  const auto groups = [&](const std::string& shape) { return groups_of(lay_out(all_reduce + shape, world)); };
  EXPECT_EQ(groups("nodes = [1, 2, 'all']\n"), (Groups{{8, 8, 1, 1}, {16, 8, 1, 1}, {32, 8, 1, 1}}));
  EXPECT_EQ(groups("nodes = [1, 2]\nranks_per_node = [1, 2, 'all']\n"),
            (Groups{{1, 1, 1, 1}, {2, 2, 1, 1}, {8, 8, 1, 1}, {2, 1, 8, 1}, {4, 2, 4, 1}, {16, 8, 1, 1}}));
  EXPECT_EQ(groups("nodes = [1, 2, 4]\nranks_per_node = 4\nconcurrent = true\n"),
            (Groups{{4, 4, 1, 8}, {8, 4, 2, 4}, {16, 4, 2, 2}}));
  EXPECT_EQ(groups("nodes = 'doubling'\n"), (Groups{{16, 8, 1, 1}, {32, 8, 1, 1}}));
}

TEST(LayOutGroups, DoublingEndsWithAllNodes) {
  const auto nodes = [](std::uint32_t of_world) {
    std::vector<std::uint32_t> counts;
    for (const Group& group : groups_of(lay_out(all_reduce + "nodes = 'doubling'\n", cluster(of_world, 2)))) {
      counts.push_back(group.nodes());
    }
    return counts;
  };
  EXPECT_EQ(nodes(2), (std::vector<std::uint32_t>{2}));
  EXPECT_EQ(nodes(3), (std::vector<std::uint32_t>{2, 3}));
  EXPECT_EQ(nodes(8), (std::vector<std::uint32_t>{2, 4, 8}));
  EXPECT_EQ(nodes(9), (std::vector<std::uint32_t>{2, 4, 8, 9}));
  EXPECT_EQ(only_reason(lay_out(all_reduce + "nodes = 'doubling'\n", cluster(1, 2))),
            "a group on 2 nodes needs 2 nodes, and this run has 1");
}

// Copies of a group by shape share no rank, and together are the whole world.
TEST(LayOutGroups, ByShapeAllAtOnceTakeEveryRankOnce) {
  for (const std::uint32_t per_node : {1U, 2U, 4U, 8U}) {
    const Group group = groups_of(lay_out(
        all_reduce + fmt::format("nodes = 2\nranks_per_node = {}\nconcurrent = true\n", per_node), cluster(4, 8)))[0];
    std::set<std::uint32_t> slots;
    for (std::uint32_t copy = 0; copy < group.concurrent; ++copy) {
      const auto members = slots_of_copy(group, copy);
      slots.insert(members.begin(), members.end());
      EXPECT_EQ(members.back() / 8 - members.front() / 8, 1U) << "two neighbouring nodes";
    }
    EXPECT_EQ(slots.size(), 32U) << per_node;
  }
}

TEST(LayOutGroups, EveryTwoNodesAreAPair) {
  const std::string ping =
      "experiment = 'ping_pong'\noperations = 'ping_pong'\ngroup = 'node_pair'\nall_pairs = true\n";
  std::vector<std::vector<std::uint32_t>> pairs;
  for (const Group& group : groups_of(lay_out(ping, cluster(3, 8)))) {
    pairs.push_back(slots_of_copy(group, 0));
  }
  EXPECT_EQ(pairs, (std::vector<std::vector<std::uint32_t>>{{0, 8}, {0, 16}, {8, 16}}));
  EXPECT_EQ(lay_out(ping, cluster(3, 8)).cases[2].name(),
            "ping_pong/nccl/infiniband/n:2x1/stride:8/first:8/float32/isolated/out_of_place/payload:1KiB");
  EXPECT_EQ(only_reason(lay_out(ping, cluster(1, 8))), "group 'node_pair' needs 2 nodes, and this run has 1");
}

TEST(LayOutGroups, CrossingRailsTakesTheNextLocalRank) {
  const std::string ping = "experiment = 'ping_pong'\noperations = 'ping_pong'\ngroup = 'cross_rail'\n";
  EXPECT_EQ(groups_of(lay_out(ping, cluster(2, 8))), (Groups{{2, 1, 9, 1}}));
  EXPECT_EQ(slots_of_copy({2, 1, 9, 1}, 0), (std::vector<std::uint32_t>{0, 9}));
  EXPECT_EQ(only_reason(lay_out(ping, cluster(2, 1))),
            "group 'cross_rail' needs 2 ranks on each node, and the nodes have 1");
}

TEST(LayOutGroups, OneGroupAtOnceIsTheGroupAlone) {
  const auto layout = lay_out(all_reduce + "group = ['world', 'node']\nconcurrent = [false, true]\n", cluster(1, 4));
  EXPECT_EQ(groups_of(layout), (Groups{{4, 4, 1, 1}}));
  EXPECT_TRUE(layout.skipped.empty());
}

TEST(LayOutGroups, PairsAndChains) {
  const World world = cluster(2, 4);
  const auto groups = [&](const std::string& measure) { return groups_of(lay_out(measure, world)); };
  const std::string ping = "experiment = 'ping_pong'\noperations = 'ping_pong'\n";
  EXPECT_EQ(groups(ping + "group = ['pair', 'node_pair']\n"), (Groups{{2, 2, 1, 1}, {2, 1, 4, 1}}));
  EXPECT_EQ(groups(ping + "group = ['pair', 'node_pair']\nconcurrent = true\n"), (Groups{{2, 2, 1, 4}, {2, 1, 4, 4}}));
  const std::string pipe = "experiment = 'pipeline_send'\noperations = 'pipeline_forward'\n";
  EXPECT_EQ(groups(pipe + "group = ['chain', 'node_chain']\n"), (Groups{{4, 4, 1, 1}, {2, 1, 4, 1}}));
}

TEST(LayOutGroups, AreSkippedWithAReasonWhereTheWorldHasNone) {
  const auto reason = [](const std::string& measure, const World& world) {
    return only_reason(lay_out(measure, world));
  };
  EXPECT_EQ(reason(all_reduce + "group = 'rail'\n", cluster(1, 4)), "group 'rail' needs 2 nodes, and this run has 1");
  EXPECT_EQ(reason(all_reduce + "group = 'rail'\nranks = 3\n", cluster(2, 4)),
            "group 'rail' needs 3 nodes, and this run has 2");
  EXPECT_EQ(reason(all_reduce + "group = 'node'\nranks = 8\n", cluster(2, 4)),
            "group 'node' of 8 ranks: the nodes have 4");
  EXPECT_EQ(reason(all_reduce + "ranks = 3\nconcurrent = true\n", cluster(2, 4)),
            "groups of 3 ranks do not fit side by side on nodes of 4 ranks");
  EXPECT_EQ(reason(all_reduce + "nodes = 3\n", cluster(2, 4)), "a group on 3 nodes needs 3 nodes, and this run has 2");
  EXPECT_EQ(reason(all_reduce + "nodes = 2\nranks_per_node = 3\n", cluster(2, 4)),
            "3 ranks on each node: the nodes have 4");
  EXPECT_EQ(reason("experiment = 'ping_pong'\noperations = 'ping_pong'\ngroup = 'pair'\n", cluster(4, 1)),
            "group 'pair' of 2 ranks: the nodes have 1");
  World uneven = cluster(2, 4);
  uneven.ranks = 7;
  uneven.uniform = false;
  for (const auto* kind : {"node", "rail"}) {
    EXPECT_EQ(reason(all_reduce + "group = '" + kind + "'\n", uneven),
              "group '" + std::string(kind) + "': the nodes have unequal numbers of ranks");
  }
  EXPECT_EQ(groups_of(lay_out(all_reduce, uneven)), (Groups{{7, 4, 1, 1}}));
}

TEST(LayOutGroups, OfUnevenNodesAreNotNamedWhereNobodyKnowsTheirNodes) {
  World uneven = cluster(2, 4);
  uneven.ranks = 7;
  uneven.nodes = 2;
  uneven.uniform = false;
  EXPECT_EQ(groups_of(lay_out(all_reduce, uneven)), (Groups{{7, 4, 1, 1}}));
  EXPECT_EQ(groups_of(lay_out(all_reduce + "ranks = 1\n", uneven)), (Groups{{1, 1, 1, 1}}));
  EXPECT_EQ(only_reason(lay_out(all_reduce + "ranks = 4\n", uneven)),
            "group 'world' of 4 of 7 ranks: the nodes have unequal numbers of ranks");
  EXPECT_EQ(only_reason(lay_out("experiment = 'ping_pong'\noperations = 'ping_pong'\n", uneven)),
            "group 'world' of 2 of 7 ranks: the nodes have unequal numbers of ranks");
  uneven.ranks = 10;
  uneven.ranks_per_node = 8;
  uneven.nodes = 3;
  EXPECT_EQ(only_reason(lay_out(all_reduce, uneven)),
            "group 'world' of 10 ranks: 3 nodes with unequal numbers of ranks, 8 at most, cannot be told as ranks per "
            "node");
}

TEST(LayOutGroups, WhatOneSectionCannotHaveAnotherMay) {
  World uneven = cluster(2, 2);
  uneven.ranks = 3;
  uneven.uniform = false;
  const std::string alone = all_reduce + "ranks = 1\n";
  const auto layout =
      lay_out(alone + "group = 'node'\n[[measure]]\n" + alone + "sizes = { list = ['1KiB'] }\n", uneven);
  EXPECT_EQ(layout.cases.size(), 1U);
  EXPECT_TRUE(layout.skipped.empty());
}

TEST(LayOutOfOneRank, UsesItsOwnMemory) {
  const auto alone = lay_out(all_reduce + "fabric = 'nvswitch'\n", one_gpu);
  ASSERT_EQ(alone.cases.size(), 1U);
  EXPECT_EQ(alone.cases[0].fabric, Fabric::device_memory);
  EXPECT_EQ(alone.cases[0].group, (Group{1, 1, 1, 1}));
  const auto asked = lay_out(all_reduce + "ranks = 1\n", {.ranks = 4, .ranks_per_node = 4});
  ASSERT_EQ(asked.cases.size(), 1U);
  EXPECT_EQ(asked.cases[0].fabric, Fabric::host_memory);
  for (const auto* experiment : {"ping_pong", "pipeline_send"}) {
    const auto layout = lay_out(std::string("experiment = '") + experiment + "'\n", one_gpu);
    EXPECT_TRUE(layout.cases.empty());
    EXPECT_EQ(layout.skipped.size(), 2U);
  }
  EXPECT_EQ(only_reason(lay_out(all_reduce + "fabric = 'device_memory'\n", cluster(1, 2))),
            "device_memory joins no ranks: it is the fabric of a group of 1, not of 2");
}

TEST(LayOutFabric, FollowsWhereTheGroupRunsUnlessThePlanSays) {
  const auto fabrics = [](const std::string& measure, const World& world) {
    std::vector<Fabric> found;
    for (const Case& point : lay_out(measure, world).cases) {
      found.push_back(point.fabric);
    }
    return found;
  };
  const std::string groups = "group = ['node', 'rail', 'world']\n";
  using enum Fabric;
  EXPECT_EQ(fabrics(all_reduce + groups, cluster(2, 4)), (std::vector{nvswitch, infiniband, infiniband}));
  EXPECT_EQ(fabrics(all_reduce + groups + "fabric = 'tcp'\n", cluster(2, 4)), (std::vector{tcp, tcp, tcp}));
  World mpi{.ranks = 4, .ranks_per_node = 2};
  EXPECT_EQ(fabrics(all_reduce + groups, mpi), (std::vector{host_memory, host_memory, host_memory}));
  mpi.inter_node = roce;
  EXPECT_EQ(fabrics(all_reduce + groups, mpi), (std::vector{host_memory, roce, roce}));
}

TEST(LayOutFabric, OfNcclIsNeverGuessed) {
  World world = cluster(2, 4);
  world.inter_node = Fabric::unknown;
  EXPECT_EQ(only_reason(lay_out(all_reduce, world)),
            "the fabric between nodes is not known here; name it with the key fabric");
  EXPECT_EQ(lay_out(all_reduce + "group = 'node'\n", world).cases.at(0).fabric, Fabric::nvswitch);
  EXPECT_EQ(lay_out(all_reduce + "fabric = 'roce'\n", world).cases.at(0).fabric, Fabric::roce);
  world.intra_node = Fabric::unknown;
  EXPECT_EQ(only_reason(lay_out(all_reduce + "group = 'node'\n", world)),
            "the fabric within a node is not known here; name it with the key fabric");
  EXPECT_EQ(lay_out(all_reduce + "ranks = 1\n", world).cases.at(0).fabric, Fabric::device_memory);
}

TEST(LayOutNames, ThatAFileCannotHoldAreRefused) {
  const auto with_pins = [](std::size_t length) {
    const std::string pin(length, 'a');
    return "experiment = 'all_to_all_v'\nalgorithm = '" + pin + "'\nprotocol = '" + pin +
           "'\nelement = 'float8e4m3'\nbuffers = 'symmetric_window'\ncache = 'rotate'\n";
  };
  EXPECT_NO_THROW(lay_out(with_pins(32), cluster(2, 4)));
  Plan plan = parse_plan("name = 'p'\n[[measure]]\nsizes = { list = ['1KiB'] }\n" + with_pins(32), "p.toml", "");
  plan.sections.at(0).routings = {{0, std::string(longest_matrix_name, 'm'), std::vector<double>(64, 1)}};
  plan.sections.at(0).concurrent = {all_at_once};
  World large = cluster(1000000, 8);
  plan.sections.at(0).ranks = {4000000};
  try {
    plan.lay_out(large);
    ADD_FAILURE() << "accepted";
  } catch (const InputError& error) {
    const std::string message = error.what();
    EXPECT_TRUE(message.starts_with("plan 'p', measure section 1: the name of a point is longer than 256")) << message;
  }
}

TEST(LayOutModes, FollowTheTransportUnlessThePlanSays) {
  const auto modes = [](const std::string& measure) {
    std::vector<std::pair<Mode, std::uint32_t>> found;
    for (const Case& point : lay_out(measure, cluster(1, 2)).cases) {
      found.emplace_back(point.mode, point.operations_per_sample);
    }
    return found;
  };
  using Modes = std::vector<std::pair<Mode, std::uint32_t>>;
  EXPECT_EQ(modes(all_reduce), (Modes{{Mode::isolated, 1}}));
  EXPECT_EQ(modes(all_reduce + "mode = ['isolated', 'stream', 'graph', 'host']\n"),
            (Modes{{Mode::isolated, 1}, {Mode::stream, 20}, {Mode::graph, 20}, {Mode::host, 1}}));
  EXPECT_EQ(modes("experiment = 'ping_pong'\n"), (Modes{{Mode::isolated, 20}, {Mode::stream, 32}}));
  EXPECT_EQ(modes("experiment = 'ping_pong'\nmode = ['isolated', 'graph']\n"),
            (Modes{{Mode::isolated, 20}, {Mode::graph, 20}, {Mode::graph, 32}}));
}

TEST(LayOutFactors, AreAllCrossed) {
  const auto layout = lay_out(all_reduce +
                                  "reduction = ['sum', 'max']\nbuffers = ['plain', 'registered']\n"
                                  "cache = ['hot', 'rotate']\nalgorithm = ['default', 'Ring']\n"
                                  "protocol = ['', 'LL']\nin_place = [false, true]\n",
                              cluster(1, 4));
  EXPECT_EQ(layout.cases.size(), 64U);
  std::set<std::string> names;
  for (const Case& point : layout.cases) {
    EXPECT_TRUE(names.insert(point.name()).second) << point.name();
    EXPECT_TRUE(point.algorithm.empty() || point.algorithm == "ring") << point.algorithm;
    EXPECT_TRUE(point.protocol.empty() || point.protocol == "ll") << point.protocol;
  }
}

TEST(LayOutFactors, AnAllToAllOfSendsAndNcclsOwnAreTwoPoints) {
  for (const char* operation : {"all_to_all", "gather", "scatter"}) {
    const auto layout = lay_out(fmt::format("experiment = '{}'\nnative = [false, true]\n", operation), cluster(1, 8));
    ASSERT_EQ(layout.cases.size(), 2U) << operation;
    EXPECT_FALSE(layout.cases[0].native);
    EXPECT_TRUE(layout.cases[1].native);
  }
}

TEST(LayOutFactors, APointAtAnotherPayloadIsOneThatARangeCouldHaveGiven) {
  Case gather;
  gather.become(Operation::all_gather);
  gather.group.ranks = 3;
  gather.element = Element::float64;
  EXPECT_EQ(at_payload(gather, Bytes{5000}).payload, Bytes{4992}) << "blocks of 16 B for each of three ranks";
  EXPECT_EQ(at_payload(Case{}, Bytes{101}).payload, Bytes{104});
  EXPECT_EQ(at_payload(Case{}, Bytes{1}).payload, Bytes{8});
  Case ping_pong;
  ping_pong.become(Operation::ping_pong);
  EXPECT_GT(at_payload(ping_pong, kibibytes(512)).operations_per_sample,
            at_payload(ping_pong, mebibytes(2)).operations_per_sample);
}

TEST(LayOutRouting, ReadsSkewsAndMatricesBesideThePlan) {
  const auto folder = std::filesystem::temp_directory_path() / ("hockney-plan-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "two.csv") << "1 3\n1 1\n";
  std::ofstream(folder / "p.toml") << "name = 'p'\n[[measure]]\nexperiment = 'all_reduce'\nsizes = { list = ['8B'] }\n"
                                      "[[measure]]\nexperiment = 'all_to_all_v'\nskew = [0, 0.8]\n"
                                      "matrix = 'two.csv'\nsizes = { list = ['1KiB'] }\n";
  const Plan plan = read_plan(folder / "p.toml", "");
  std::filesystem::remove_all(folder);
  const auto layout = plan.lay_out(cluster(1, 2));
  ASSERT_EQ(layout.cases.size(), 4U);
  EXPECT_EQ(layout.cases[1].routing(), Routing{});
  EXPECT_EQ(layout.cases[2].routing(), (Routing{0.8, {}, {}}));
  EXPECT_EQ(layout.cases[3].routing(), (Routing{0, "two-e2299e70", {1, 3, 1, 1}}));
  const auto four = plan.lay_out(cluster(1, 4));
  ASSERT_EQ(four.skipped.size(), 1U);
  EXPECT_EQ(four.skipped[0].reason, "matrix 'two-e2299e70' has 4 weights, and 4 ranks need 16");
  EXPECT_EQ(lay_out("experiment = 'all_to_all_v'\n", cluster(1, 2)).cases.at(0).routing(), Routing{});
}

const auto shipped_plans = std::filesystem::path(__FILE__).parent_path() / "../../bench/plans";
const auto models = std::filesystem::path(__FILE__).parent_path() / "../../data/models";

Plan shipped(const std::string& name) { return read_plan(shipped_plans / (name + ".toml"), models); }

TEST(ShippedPlans, LayOutOnEveryTransport) {
  const World mpi{.ranks = 4, .ranks_per_node = 4};
  for (const auto& entry : std::filesystem::directory_iterator(shipped_plans)) {
    if (entry.path().extension() != ".toml") {
      continue;
    }
    const Plan plan = read_plan(entry.path(), models);
    EXPECT_EQ(plan.name, entry.path().stem());
    for (const World& world : {mpi, cluster(1, 8), cluster(2, 8)}) {
      if (plan.name == "scan" && world.ranks == world.ranks_per_node) {
        continue;  // one node has no pairs
      }
      EXPECT_FALSE(plan.lay_out(world).cases.empty()) << plan.name;
    }
  }
}

TEST(ShippedPlans, SmokeNamesNoFabric) {
  for (const MeasureSection& section : shipped("smoke").sections) {
    EXPECT_FALSE(section.fabric);
  }
  EXPECT_FALSE(shipped("smoke").lay_out(one_gpu).cases.empty());
}

TEST(ShippedPlans, DgxMeasuresBothFabricsAndSkipsTheSecondOnOneNode) {
  const Plan plan = shipped("dgx");
  const auto two_nodes = plan.lay_out(cluster(2, 8));
  EXPECT_TRUE(two_nodes.skipped.empty()) << two_nodes.skipped.front().reason;
  for (const Fabric fabric : {Fabric::nvswitch, Fabric::infiniband}) {
    EXPECT_TRUE(std::any_of(two_nodes.cases.begin(), two_nodes.cases.end(),
                            [&](const Case& point) { return point.fabric == fabric; }));
  }
  for (const Skipped& skipped : plan.lay_out(cluster(1, 8)).skipped) {
    EXPECT_TRUE(skipped.reason.find("needs 2 nodes") != std::string::npos) << skipped.reason;
  }
}

template <class Predicate>
bool has_point(const Plan::Layout& layout, Predicate predicate) {
  return std::any_of(layout.cases.begin(), layout.cases.end(), predicate);
}

TEST(ShippedPlans, BothDgxPlansCompareNcclsOwnAllToAllWithSendsOverBothFabrics) {
  for (const char* name : {"dgx", "dgx-short"}) {
    const auto layout = shipped(name).lay_out(cluster(2, 8));
    for (const Case& point : layout.cases) {
      Case sends = point;
      sends.native = false;
      sends.buffers = Buffers::plain;
      EXPECT_TRUE(!point.native || has_point(layout, [&](const Case& other) { return other == sends; }))
          << point.name();
    }
    for (const Fabric fabric : {Fabric::nvswitch, Fabric::infiniband}) {
      EXPECT_TRUE(has_point(layout, [=](const Case& point) { return point.native && point.fabric == fabric; })) << name;
    }
  }
}

// What an expert asks of a cluster beyond the usual curves.
TEST(ShippedPlans, DgxMeasuresWhatTheLibraryWouldNotChoose) {
  const auto layout = shipped("dgx").lay_out(cluster(2, 8));
  std::set<std::string> within;
  std::set<std::string> between;
  for (const Case& point : layout.cases) {
    (point.group.nodes() == 1 ? within : between).insert(point.algorithm);
  }
  EXPECT_EQ(within, (std::set<std::string>{"", "nvls", "ring", "tree"}));
  EXPECT_EQ(between, (std::set<std::string>{"", "nvlstree", "ring", "tree"}));
  for (const Operation operation : {Operation::all_reduce, Operation::all_gather, Operation::reduce_scatter}) {
    for (const Buffers buffers : {Buffers::registered, Buffers::symmetric_window}) {
      EXPECT_TRUE(has_point(
          layout, [=](const Case& point) { return point.operation == operation && point.buffers == buffers; }));
    }
    EXPECT_TRUE(has_point(layout, [=](const Case& point) {
      return point.operation == operation && point.mode == Mode::graph && point.payload == mebibytes(64);
    }));
  }
}

TEST(ShippedPlans, DgxVisitsEveryTwoNodesAndRailsOfMoreAndMoreNodes) {
  for (const std::uint32_t nodes : {2U, 3U, 4U, 5U}) {
    std::set<std::pair<std::uint32_t, std::uint32_t>> pairs;
    std::set<std::uint32_t> rails;
    bool crosses_rails = false;
    for (const Case& point : shipped("dgx").lay_out(cluster(nodes, 8)).cases) {
      const auto slots = slots_of_copy(point.group, 0);
      if (point.operation == Operation::ping_pong && point.group.nodes() == 2) {
        pairs.emplace(slots[0] / 8, slots[1] / 8);
        crosses_rails = crosses_rails || slots[0] % 8 != slots[1] % 8;
      }
      if (point.operation == Operation::all_reduce && point.group.ranks_per_node == 1 && point.group.ranks > 1) {
        rails.insert(point.group.nodes());
      }
    }
    EXPECT_EQ(pairs.size(), nodes * (nodes - 1) / 2);
    EXPECT_EQ(*rails.rbegin(), nodes);
    EXPECT_TRUE(rails.contains(2));
    EXPECT_TRUE(crosses_rails);
  }
}

TEST(ShippedPlans, DgxMeasuresAllGpusOfMoreAndMoreNodes) {
  for (const char* name : {"dgx", "dgx-short"}) {
    std::set<std::uint32_t> nodes;
    for (const Case& point : shipped(name).lay_out(cluster(5, 8)).cases) {
      if (point.operation == Operation::all_reduce && point.group.ranks_per_node == 8) {
        nodes.insert(point.group.nodes());
      }
    }
    EXPECT_EQ(nodes, (std::set<std::uint32_t>{1, 2, 4, 5})) << name;
  }
}

// Longest visits of all points and passes, as a dry run counts them.
TEST(ShippedPlans, DgxShortTakesTwentyMinutesAtMostOnOneToFourNodes) {
  const Plan plan = shipped("dgx-short");
  for (const std::uint32_t nodes : {1U, 2U, 3U, 4U}) {
    const auto visits = static_cast<double>(plan.lay_out(cluster(nodes, 8)).cases.size()) * plan.sampling.passes;
    EXPECT_LE(visits * plan.sampling.max_seconds.count() * 4 / 3, 20 * 60) << nodes << " nodes";
  }
}

TEST(ShippedPlans, DgxShortRunsEveryCollectiveAndMessageOverBothFabrics) {
  const auto layout = shipped("dgx-short").lay_out(cluster(2, 8));
  EXPECT_TRUE(layout.skipped.empty()) << layout.skipped.front().reason;
  for (const Fabric fabric : {Fabric::nvswitch, Fabric::infiniband}) {
    for (const auto& [operation, name] : Names<Operation>::table) {
      if (is_on_curve(operation)) {
        EXPECT_TRUE(std::any_of(
            layout.cases.begin(), layout.cases.end(),
            [&, wanted = operation](const Case& point) { return point.operation == wanted && point.fabric == fabric; }))
            << name << " over " << name_of(fabric);
      }
    }
  }
}

// Whether every name of an enumeration occurs among the points.
template <class Factor>
std::string names_without_a_point(const Plan::Layout& layout, Factor factor) {
  using Enum = std::remove_cvref_t<std::invoke_result_t<Factor, const Case&>>;
  std::string missing;
  for (const auto& [value, name] : Names<Enum>::table) {
    const bool found = std::any_of(layout.cases.begin(), layout.cases.end(), [&, wanted = value](const Case& point) {
      return std::invoke(factor, point) == wanted;
    });
    missing += found ? "" : std::string(name) + " ";
  }
  return missing;
}

TEST(ShippedPlans, TheSelfTestVisitsEverything) {
  const auto layout = shipped("gpu-selftest").lay_out(cluster(1, 2));
  EXPECT_LT(layout.cases.size(), 250U);
  EXPECT_GT(layout.cases.size(), 150U);
  EXPECT_EQ(names_without_a_point(layout, &Case::operation), "");
  EXPECT_EQ(names_without_a_point(layout, &Case::mode), "");
  EXPECT_EQ(names_without_a_point(layout, &Case::element), "");
  EXPECT_EQ(names_without_a_point(layout, &Case::reduction), "");
  EXPECT_EQ(names_without_a_point(layout, &Case::buffers), "");
  EXPECT_EQ(names_without_a_point(layout, &Case::cache), "");
  for (const Operation operation : {Operation::all_to_all, Operation::gather, Operation::scatter}) {
    EXPECT_TRUE(has_point(layout, [=](const Case& point) { return point.operation == operation && point.native; }))
        << name_of(operation);
  }
  for (const std::uint32_t nodes : {1U, 2U}) {
    for (const std::uint32_t ranks : {1U, 2U, 3U, 4U, 8U}) {
      for (const Skipped& skipped : shipped("gpu-selftest").lay_out(cluster(nodes, ranks)).skipped) {
        EXPECT_EQ(skipped.reason.find("equal blocks"), std::string::npos) << skipped.reason;
      }
    }
  }
}

TEST(LayOutFabrics, RanksThatShareAGpuTalkWithinIt) {
  World world = cluster(1, 2);
  world.intra_node = Fabric::device_memory;
  const auto layout = lay_out(all_reduce, world);
  ASSERT_EQ(layout.cases.size(), 1U);
  EXPECT_EQ(layout.cases[0].fabric, Fabric::device_memory);
}

}  // namespace
}  // namespace hockney::inline plan
