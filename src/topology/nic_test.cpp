#include "topology/nic.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

namespace hockney::topology {
namespace {

namespace fs = std::filesystem;

// A folder with files as /sys has them
class FakeSysfs {
 public:
  FakeSysfs() {
    std::string path = (fs::temp_directory_path() / "hockney-sysfs-XXXXXX").string();
    root_ = ::mkdtemp(path.data());
  }
  FakeSysfs(const FakeSysfs&) = delete;
  FakeSysfs& operator=(const FakeSysfs&) = delete;
  ~FakeSysfs() { fs::remove_all(root_); }

  const fs::path& root() const { return root_; }

  void write(const fs::path& path, const std::string& text) const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text << "\n";
  }

  void add_rdma(const std::string& device, const std::string& port, const std::string& link_layer,
                const std::string& state) const {
    const fs::path folder = fs::path("class") / "infiniband" / device;
    write(folder / "fw_ver", "28.39.1002");
    write(folder / "board_id", "MT_0000000838");
    write(folder / "ports" / port / "rate", "400 Gb/sec (4X NDR)");
    write(folder / "ports" / port / "link_layer", link_layer);
    write(folder / "ports" / port / "state", state);
  }

  void add_interface(const std::string& name, const std::string& speed) const {
    write(fs::path("class") / "net" / name / "speed", speed);
    write(fs::path("class") / "net" / name / "operstate", "up");
  }

  void add_driver(const std::string& device, const std::string& driver) const {
    const fs::path folder = root_ / "class" / "infiniband" / device / "device";
    fs::create_directories(folder);
    fs::create_directory_symlink("../../../bus/pci/drivers/" + driver, folder / "driver");
  }

 private:
  fs::path root_;
};

TEST(Nics, RdmaPortsAreDescribedInOrder) {
  const FakeSysfs sysfs;
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
  const FakeSysfs sysfs;
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
  const FakeSysfs sysfs;
  EXPECT_TRUE(read_nics(sysfs.root() / "nowhere").empty());
}

TEST(InterNodeFabric, FollowsTheLinkLayerOfActivePorts) {
  const FakeSysfs infiniband;
  infiniband.add_rdma("mlx5_0", "1", "InfiniBand", "4: ACTIVE");
  infiniband.add_rdma("mlx5_1", "1", "Ethernet", "1: DOWN");
  EXPECT_EQ(inter_node_fabric(read_nics(infiniband.root())), Fabric::infiniband);

  const FakeSysfs ethernet;
  ethernet.add_rdma("mlx5_0", "1", "Ethernet", "4: ACTIVE");
  EXPECT_EQ(inter_node_fabric(read_nics(ethernet.root())), Fabric::roce);
}

TEST(InterNodeFabric, EfaIsKnownByItsDriverOrItsDescription) {
  const FakeSysfs by_driver;
  by_driver.add_rdma("rdmap16s27", "1", "Unspecified", "4: ACTIVE");
  by_driver.add_driver("rdmap16s27", "efa");
  EXPECT_EQ(inter_node_fabric(read_nics(by_driver.root())), Fabric::efa);

  const FakeSysfs by_description;
  by_description.add_rdma("efa_0", "1", "Unspecified", "4: ACTIVE");
  by_description.write("class/infiniband/efa_0/node_desc", "EFA-lo-0000:10:1b.0");
  EXPECT_EQ(inter_node_fabric(read_nics(by_description.root())), Fabric::efa);
}

TEST(InterNodeFabric, NeverGuesses) {
  const FakeSysfs mixed;
  mixed.add_rdma("mlx5_0", "1", "InfiniBand", "4: ACTIVE");
  mixed.add_rdma("mlx5_1", "1", "Ethernet", "4: ACTIVE");
  EXPECT_EQ(inter_node_fabric(read_nics(mixed.root())), Fabric::unknown);

  const FakeSysfs strange;
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

TEST(InterNodeFabric, PortsThatAreAllDownLeaveTcp) {
  const FakeSysfs sysfs;
  sysfs.add_rdma("mlx5_0", "1", "InfiniBand", "1: DOWN");
  EXPECT_EQ(inter_node_fabric(read_nics(sysfs.root())), Fabric::tcp);
}

}  // namespace
}  // namespace hockney::topology
