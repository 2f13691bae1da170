#include "topology/nic.hpp"

#include <gtest/gtest.h>

#include "topology/synthetic_sysfs.hpp"

namespace hockney::topology {
namespace {

TEST(Nics, RdmaPortsAreDescribedInOrder) {
  const SyntheticSysfs sysfs;
  sysfs.add_rdma("mlx5_1", "1", "InfiniBand", "1: DOWN");
  sysfs.add_rdma("mlx5_0", "1", "InfiniBand", "4: ACTIVE");
  sysfs.add_rdma("mlx5_0", "2", "Ethernet", "4: ACTIVE");
  sysfs.add_interface("eth0", "25000");
  const auto nics = read_nics(sysfs.root());
  ASSERT_EQ(nics.size(), 3U);
  EXPECT_EQ(nics[0].name, "mlx5_0");
  EXPECT_EQ(nics[0].rate_text, "400 Gb/sec (4X NDR)");
  EXPECT_EQ(nics[0].link_layer, "InfiniBand");
  EXPECT_EQ(nics[0].firmware, "28.39.1002");
  EXPECT_EQ(nics[0].board, "MT_0000000838");
  EXPECT_EQ(nics[0].state, "ACTIVE");
  EXPECT_TRUE(nics[0].rdma);
  EXPECT_EQ(nics[1].name, "mlx5_0:2");
  EXPECT_EQ(nics[1].link_layer, "Ethernet");
  EXPECT_EQ(nics[2].state, "DOWN");
}

TEST(Nics, WithoutRdmaTheInterfacesThatHaveASpeed) {
  const SyntheticSysfs sysfs;
  sysfs.add_interface("lo", "1000");
  sysfs.add_interface("eth1", "25000");
  sysfs.add_interface("docker0", "-1");
  sysfs.write("class/net/veth1/operstate", "up");
  const auto nics = read_nics(sysfs.root());
  ASSERT_EQ(nics.size(), 1U);
  EXPECT_EQ(nics[0].name, "eth1");
  EXPECT_EQ(nics[0].rate_text, "25000 Mb/s");
  EXPECT_EQ(nics[0].state, "up");
  EXPECT_FALSE(nics[0].rdma);
  EXPECT_EQ(inter_node_fabric(nics), Fabric::tcp);
}

TEST(Nics, NoSysfsIsNoNics) {
  const SyntheticSysfs sysfs;
  EXPECT_TRUE(read_nics(sysfs.root() / "nowhere").empty());
}

TEST(AllNics, AreRdmaPortsAndTheInterfacesThatAreNoneOfThem) {
  const SyntheticSysfs sysfs;
  sysfs.add_pci({"pci0000:00", "0000:00:01.0", "0000:61:00.0"}, 0);
  sysfs.add_pci({"pci0000:00", "0000:00:02.0", "0000:e2:00.0"}, 0);
  sysfs.add_rdma("mlx5_0", "1", "Ethernet", "4: ACTIVE");
  sysfs.place_rdma("mlx5_0", "0000:61:00.0");
  sysfs.add_interface("enp97s0", "100000");
  sysfs.place_interface("enp97s0", "0000:61:00.0");
  sysfs.add_interface("enp226s0", "1000");
  sysfs.place_interface("enp226s0", "0000:e2:00.0");
  const auto nics = read_all_nics(sysfs.root());
  ASSERT_EQ(nics.size(), 2U);
  EXPECT_EQ(nics[0].name, "mlx5_0");
  EXPECT_EQ(nics[1].name, "enp226s0");
  EXPECT_EQ(nics[1].pci.address, "0000:e2:00.0");
}

TEST(InterNodeFabric, FollowsTheLinkLayerOfActivePorts) {
  const SyntheticSysfs infiniband;
  infiniband.add_rdma("mlx5_0", "1", "InfiniBand", "4: ACTIVE");
  infiniband.add_rdma("mlx5_1", "1", "Ethernet", "1: DOWN");
  EXPECT_EQ(inter_node_fabric(read_nics(infiniband.root())), Fabric::infiniband);

  const SyntheticSysfs ethernet;
  ethernet.add_rdma("mlx5_0", "1", "Ethernet", "4: ACTIVE");
  EXPECT_EQ(inter_node_fabric(read_nics(ethernet.root())), Fabric::roce);
}

TEST(HasOnlyTcp, WhereNeitherRdmaNorSlingshotIsThere) {
  const SyntheticSysfs plain;
  EXPECT_TRUE(has_only_tcp(plain.root()));
  plain.write("class/cxi/cxi0/device/uevent", "DRIVER=cxi_ss1");
  EXPECT_FALSE(has_only_tcp(plain.root()));
  const SyntheticSysfs rdma;
  rdma.add_rdma("mlx5_0", "1", "InfiniBand", "1: DOWN");
  EXPECT_FALSE(has_only_tcp(rdma.root())) << "a port that is down now may come up";
}

TEST(InterNodeFabric, EfaIsKnownByItsDriverOrItsDescription) {
  const SyntheticSysfs by_driver;
  by_driver.add_rdma("rdmap16s27", "1", "Unspecified", "4: ACTIVE");
  by_driver.add_driver("rdmap16s27", "efa");
  EXPECT_EQ(inter_node_fabric(read_nics(by_driver.root())), Fabric::efa);

  const SyntheticSysfs by_description;
  by_description.add_rdma("efa_0", "1", "Unspecified", "4: ACTIVE");
  by_description.write("class/infiniband/efa_0/node_desc", "EFA-lo-0000:10:1b.0");
  EXPECT_EQ(inter_node_fabric(read_nics(by_description.root())), Fabric::efa);
}

TEST(InterNodeFabric, NeverGuesses) {
  const SyntheticSysfs mixed;
  mixed.add_rdma("mlx5_0", "1", "InfiniBand", "4: ACTIVE");
  mixed.add_rdma("mlx5_1", "1", "Ethernet", "4: ACTIVE");
  EXPECT_EQ(inter_node_fabric(read_nics(mixed.root())), Fabric::unknown);

  const SyntheticSysfs strange;
  strange.add_rdma("other_0", "1", "Unspecified", "4: ACTIVE");
  EXPECT_EQ(inter_node_fabric(read_nics(strange.root())), Fabric::unknown);
}

TEST(InterNodeFabric, FastestPortsDecide) {
  std::vector<Nic> nics(3);
  for (Nic& nic : nics) {
    nic.rdma = true;
    nic.state = "ACTIVE";
    nic.link_layer = "InfiniBand";
    nic.rate_text = "400 Gb/sec (4X NDR)";
  }
  nics[1].link_layer = "Ethernet";
  nics[1].rate_text = "100 Gb/sec (4X EDR)";
  EXPECT_EQ(inter_node_fabric(nics), Fabric::infiniband);
  nics[1].rate_text = nics[0].rate_text;
  EXPECT_EQ(inter_node_fabric(nics), Fabric::unknown);
}

TEST(InterNodePorts, AreTheFastestOnes) {
  const SyntheticSysfs sysfs;
  for (const char* name : {"mlx5_0", "mlx5_1", "mlx5_2"}) {
    sysfs.add_rdma(name, "1", "InfiniBand", "4: ACTIVE", "200 Gb/sec (4X HDR)");
  }
  sysfs.add_rdma("mlx5_3", "1", "InfiniBand", "1: DOWN", "200 Gb/sec (4X HDR)");
  sysfs.add_rdma("mlx5_4", "1", "Ethernet", "4: ACTIVE", "100 Gb/sec (4X EDR)");
  EXPECT_EQ(inter_node_ports(read_nics(sysfs.root())), (InterNodePorts{Fabric::infiniband, 3, {25e9}}));
}

TEST(InterNodePorts, OfTcpAreOneInterface) {
  const SyntheticSysfs sysfs;
  EXPECT_EQ(inter_node_ports(read_nics(sysfs.root())), std::nullopt);
  sysfs.add_interface("eth0", "25000");
  sysfs.add_interface("eth1", "25000");
  sysfs.add_interface("eno1", "1000");
  EXPECT_EQ(inter_node_ports(read_nics(sysfs.root())), (InterNodePorts{Fabric::tcp, 1, {3.125e9}}));
}

TEST(InterNodeFabric, PortsThatAreAllDownLeaveTcp) {
  const SyntheticSysfs sysfs;
  sysfs.add_rdma("mlx5_0", "1", "InfiniBand", "1: DOWN");
  EXPECT_EQ(inter_node_fabric(read_nics(sysfs.root())), Fabric::tcp);
}

}  // namespace
}  // namespace hockney::topology
