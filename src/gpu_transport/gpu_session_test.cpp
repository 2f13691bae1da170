#include "gpu_transport/gpu_session.hpp"

#include <gtest/gtest.h>

namespace hockney {
namespace {

TEST(SlowestFabric, TheNetworkBeforeSharedMemoryBeforePeers) {
  const auto slowest = [](std::vector<std::string> connections) {
    return slowest_fabric(connections, Fabric::nvswitch, Fabric::infiniband);
  };
  EXPECT_EQ(slowest({"P2P/CUMEM/read"}), Fabric::nvswitch);
  EXPECT_EQ(slowest({"P2P/CUMEM", "SHM/direct/direct"}), Fabric::host_memory);
  EXPECT_EQ(slowest({"P2P/CUMEM", "SHM/direct/direct", "NET/IB/GDRDMA"}), Fabric::infiniband);
  EXPECT_EQ(slowest({"NET/IB", "NET/Socket"}), Fabric::tcp);
  EXPECT_EQ(slowest({}), Fabric::unknown);
}

TEST(SlowestFabric, NameOfTheNetworkComesFromTheNics) {
  EXPECT_EQ(slowest_fabric({"NET/IB"}, Fabric::nvlink, Fabric::roce), Fabric::roce);
  EXPECT_EQ(slowest_fabric({"NET/IB"}, Fabric::nvlink, Fabric::unknown), Fabric::unknown);
  EXPECT_EQ(slowest_fabric({"NET/AWS Libfabric"}, Fabric::nvlink, Fabric::efa), Fabric::efa);
  EXPECT_EQ(slowest_fabric({"NET/AWS Libfabric"}, Fabric::nvlink, Fabric::tcp), Fabric::unknown);
  EXPECT_EQ(slowest_fabric({"NET/SomePlugin"}, Fabric::nvlink, Fabric::infiniband), Fabric::unknown);
}

}  // namespace
}  // namespace hockney
