#include "transport/gpu/paths.hpp"

#include <gtest/gtest.h>

namespace hockney::transport::gpu {
namespace {

using Lines = std::vector<std::string>;
using Kinds = std::set<std::string>;

const Adapters three_adapters{
    {0, {0, "mlx5_0:1", "IB"}}, {1, {1, "mlx5_1:1", "IB"}}, {2, {2, "mlx5_bond_0:1", "RoCE"}}};

// What one rank hands to the others after NCCL wrote these lines.
std::string told_by(const Lines& lines, const Adapters& adapters = three_adapters,
                    Operation operation = Operation::all_reduce) {
  std::set<nccl::Connection> connections;
  for (const std::string& line : lines) {
    connections.insert(nccl::parse_connection_line(line).value());
  }
  return to_text(used_by(operation, connections), adapters);
}

Paths paths_of_lines(const std::vector<Lines>& of_ranks, std::uint32_t ranks = 2) {
  Lines told;
  for (const Lines& lines : of_ranks) {
    told.push_back(told_by(lines));
  }
  return paths_of(told, ranks);
}

TEST(Paths, AreKindsWithTheNumbersOfTheAdapters) {
  const Paths paths = paths_of_lines(
      {{"Channel 00/0 : 0[0] -> 1[1] via P2P/CUMEM/read", "Channel 00/0 : 0[0] -> 8[0] [send] via NET/IB/0/GDRDMA",
        "Channel 01/0 : 0[0] -> 8[0] [send] via NET/IB/1/GDRDMA",
        "Channel 02/0 : 0[0] -> 8[0] [send] via NET/IB/2/GDRDMA",
        "Channel 03/0 : 0[0] -> 8[0] [send] via NET/IB/5/GDRDMA"}});
  EXPECT_EQ(paths.kinds, (Kinds{"P2P/CUMEM", "NET/IB/0-2+5/GDRDMA"}));
  EXPECT_TRUE(paths.is_plain);
}

TEST(Paths, NameTheAdaptersInUse) {
  const auto adapters_with = [](const std::string& kind) {
    return paths_of_lines({{"Channel 00/0 : 0[0] -> 8[0] [send] via " + kind},
                           {"Channel 00/0 : 0[0] -> 8[0] [receive] via NET/IB/0/GDRDMA"}})
        .adapters;
  };
  EXPECT_EQ(adapters_with("NET/IB/0/GDRDMA"), Kinds{"mlx5_0:1"}) << "both ends";
  EXPECT_EQ(adapters_with("NET/IB/2/GDRDMA"), (Kinds{"mlx5_0:1", "mlx5_bond_0:1"}));
  EXPECT_EQ(adapters_with("NET/IB/7/GDRDMA"), (Kinds{"7", "mlx5_0:1"})) << "merged: NCCL told no name";
  EXPECT_EQ(paths_of_lines({{"Channel 00/0 : 0[0] -> 1[0] [send] via NET/Socket/1"}}).adapters, Kinds{"1"});
  EXPECT_EQ(paths_of_lines({{"Channel 00/0 : 0[0] -> 1[1] via P2P/CUMEM/read"}}).adapters, Kinds{});
}

TEST(Paths, LinkLayersAreThoseOfTheAdaptersInUse) {
  const auto layers_with = [](const std::string& adapter) {
    return paths_of_lines({{"Channel 00/0 : 0[0] -> 8[0] [send] via NET/IB/" + adapter + "/GDRDMA"}}).link_layers;
  };
  EXPECT_EQ(layers_with("1"), Kinds{"IB"}) << "a storage port with Ethernet beside it changes nothing";
  EXPECT_EQ(layers_with("2"), Kinds{"RoCE"});
  EXPECT_EQ(layers_with("7"), (Kinds{"IB", "RoCE"})) << "merged from adapters that are not known";
  EXPECT_EQ(paths_of(Lines{told_by({"Channel 00/0 : 0[0] -> 8[0] [send] via NET/IB/0"}, {})}, 2).link_layers, Kinds{});
}

TEST(Paths, ThePlainWayIsFromTheGpuItselfAndOnOneRail) {
  const std::string send = "Channel 00/0 : 0[0] -> 1[0] [send] via NET/IB/";
  const std::string receive = "Channel 00/0 : 0[0] -> 1[0] [receive] via NET/IB/";
  EXPECT_TRUE(paths_of_lines({{send + "1/GDRDMA"}, {receive + "1/GDRDMA"}}).is_plain);

  const Paths crossing = paths_of_lines({{send + "1/GDRDMA"}, {receive + "2/GDRDMA"}});
  EXPECT_FALSE(crossing.is_plain);
  EXPECT_EQ(crossing.kinds, (Kinds{"CROSS-RAIL", "NET/IB/1-2/GDRDMA"}));

  const Paths by_proxy = paths_of_lines({{send + "1(3)/GDRDMA"}, {receive + "1/GDRDMA"}});
  EXPECT_FALSE(by_proxy.is_plain);
  EXPECT_EQ(by_proxy.kinds, (Kinds{"NET/IB/1(PXN)/GDRDMA", "NET/IB/1/GDRDMA"}));

  EXPECT_FALSE(paths_of_lines({{send + "1"}, {receive + "1"}}).is_plain) << "by way of host memory";
}

TEST(Paths, ARailIsKnownByTheNameOfItsAdapterWhereANodeLacksAnother) {
  const Adapters lacks_the_first{{0, {0, "mlx5_1:1", "IB"}}};
  const Lines send{"Channel 00/0 : 0[0] -> 1[0] [send] via NET/IB/1/GDRDMA"};
  const Lines receive{"Channel 00/0 : 0[0] -> 1[0] [receive] via NET/IB/0/GDRDMA"};
  EXPECT_TRUE(paths_of(Lines{told_by(send), told_by(receive, lacks_the_first)}, 2).is_plain);
  const Lines send_by_first{"Channel 00/0 : 0[0] -> 1[0] [send] via NET/IB/0/GDRDMA"};
  EXPECT_FALSE(paths_of(Lines{told_by(send_by_first), told_by(receive, lacks_the_first)}, 2).is_plain);
}

TEST(Paths, EveryCopyOfAGroupHasItsOwnRanks) {
  const Lines first{"Channel 00/0 : 0[0] -> 1[0] [send] via NET/IB/0/GDRDMA"};
  const Lines second{"Channel 00/0 : 0[0] -> 1[0] [receive] via NET/IB/1/GDRDMA"};
  EXPECT_FALSE(paths_of_lines({first, second}, 2).is_plain);
  EXPECT_TRUE(paths_of_lines({first, second}, 1).is_plain) << "rails 0 and 1";
}

TEST(Paths, SocketsHaveNoPlainWayToLeave) {
  const Paths paths = paths_of_lines({{"Channel 00/0 : 0[0] -> 1[0] [send] via NET/Socket/0"},
                                      {"Channel 00/0 : 0[0] -> 1[0] [receive] via NET/Socket/1"}});
  EXPECT_EQ(paths.kinds, Kinds{"NET/Socket/0-1"});
  EXPECT_TRUE(paths.is_plain);
}

TEST(Paths, SwitchesThatReduceAreOnThem) {
  const Paths paths = paths_of_lines({{"CollNet 00/0 : 0 [send] via COLLNET/SHARP/0/GDRDMA"}});
  EXPECT_EQ(paths.kinds, Kinds{"COLLNET/SHARP/0/GDRDMA"});
  EXPECT_EQ(slowest_fabric(paths.kinds, {}, Fabric::nvswitch, Fabric::infiniband), Fabric::infiniband);
}

TEST(Paths, ConnectionsOfCollectivesProveNothingOfMessages) {
  const Lines lines{"Channel 00/0 : 0[0] -> 1[1] via P2P/CUMEM/read",
                    "Channel 00/1 : 0[0] -> 1[1] [send] via NET/IB/0/GDRDMA/Shared",
                    "Channel 00 : 0[0] -> 1[1] via SHM/direct/direct"};
  const auto kinds_for = [&](Operation operation) { return paths_of(Lines{told_by(lines, {}, operation)}, 2).kinds; };
  EXPECT_EQ(kinds_for(Operation::all_reduce), (Kinds{"P2P/CUMEM", "SHM/direct/direct"}));
  EXPECT_EQ(kinds_for(Operation::all_to_all), (Kinds{"NET/IB/0/GDRDMA", "SHM/direct/direct"}));
  EXPECT_EQ(kinds_for(Operation::step_replay).size(), 3U) << "a step does both";
}

constexpr Group one_node{.ranks = 8, .ranks_per_node = 8};
constexpr Group two_nodes{.ranks = 16, .ranks_per_node = 8};

TEST(SlowestFabric, NvlsAndSymmetricKernelsProveTheSwitchWithinANodeOnly) {
  for (const char* path : {"NVLS", "SYMMETRIC"}) {
    EXPECT_EQ(slowest_fabric({path}, one_node, Fabric::nvswitch, Fabric::infiniband), Fabric::nvswitch);
    EXPECT_EQ(slowest_fabric({path}, two_nodes, Fabric::nvswitch, Fabric::infiniband), Fabric::unknown);
    EXPECT_EQ(slowest_fabric({path, "NET/IB"}, two_nodes, Fabric::nvswitch, Fabric::infiniband), Fabric::infiniband);
  }
}

TEST(SlowestFabric, TheNetworkBeforeSharedMemoryBeforePeers) {
  const auto slowest = [](const std::set<std::string>& kinds) {
    return slowest_fabric(kinds, one_node, Fabric::nvswitch, Fabric::infiniband);
  };
  EXPECT_EQ(slowest({"P2P/CUMEM/read"}), Fabric::nvswitch);
  EXPECT_EQ(slowest({"P2P/CUMEM", "SHM/direct/direct"}), Fabric::host_memory);
  EXPECT_EQ(slowest({"P2P/CUMEM", "SHM/direct/direct", "NET/IB/GDRDMA"}), Fabric::infiniband);
  EXPECT_EQ(slowest({"NET/IB", "NET/Socket"}), Fabric::tcp);
  EXPECT_EQ(slowest({}), Fabric::unknown);
}

TEST(SlowestFabric, NameOfTheNetworkComesFromTheNics) {
  EXPECT_EQ(slowest_fabric({"NET/IB"}, one_node, Fabric::nvlink, Fabric::roce), Fabric::roce);
  EXPECT_EQ(slowest_fabric({"NET/IB"}, one_node, Fabric::nvlink, Fabric::unknown), Fabric::unknown);
  EXPECT_EQ(slowest_fabric({"NET/AWS Libfabric"}, one_node, Fabric::nvlink, Fabric::efa), Fabric::efa);
  EXPECT_EQ(slowest_fabric({"NET/AWS Libfabric"}, one_node, Fabric::nvlink, Fabric::tcp), Fabric::unknown);
  EXPECT_EQ(slowest_fabric({"NET/SomePlugin"}, one_node, Fabric::nvlink, Fabric::infiniband), Fabric::unknown);
}

TEST(NetworkOf, NcclsOwnWordBeforeTheKernels) {
  EXPECT_EQ(network_of({}, Fabric::roce), Fabric::roce);
  EXPECT_EQ(network_of({"IB"}, Fabric::unknown), Fabric::infiniband);
  EXPECT_EQ(network_of({"RoCE"}, Fabric::infiniband), Fabric::roce);
  EXPECT_EQ(network_of({"IB", "RoCE"}, Fabric::infiniband), Fabric::unknown);
}

}  // namespace
}  // namespace hockney::transport::gpu
