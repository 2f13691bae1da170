#include "transport/gpu/gpu_session.hpp"

#include <gtest/gtest.h>

namespace hockney::transport::gpu {
namespace {

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
  const auto slowest = [](std::vector<std::string> connections) {
    return slowest_fabric(connections, one_node, Fabric::nvswitch, Fabric::infiniband);
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
