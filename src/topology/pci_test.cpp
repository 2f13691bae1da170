#include "topology/pci.hpp"

#include <gtest/gtest.h>

#include "topology/synthetic_sysfs.hpp"
#include "topology/sysfs.hpp"

namespace hockney::topology {
namespace {

PciDevice at(std::vector<std::string> way, int numa_node = 0) { return {"0000:ff:00.0", std::move(way), numa_node}; }

TEST(Nearness, IsWhatLiesBetweenTwoDevicesInTheWordsOfNvidiaSmi) {
  const PciDevice gpu = at({"pci0000:00", "0000:00:01.0", "0000:01:00.0", "0000:02:00.0"});
  EXPECT_EQ(nearness(gpu, at({"pci0000:00", "0000:00:01.0", "0000:01:00.0", "0000:02:04.0"})), Nearness::pix);
  EXPECT_EQ(nearness(gpu, at({"pci0000:00", "0000:00:01.0", "0000:01:00.0", "0000:02:04.0", "0000:03:00.0"})),
            Nearness::pxb);
  EXPECT_EQ(nearness(gpu, at({"pci0000:00", "0000:00:02.0"})), Nearness::phb);
  EXPECT_EQ(nearness(gpu, at({"pci0000:40", "0000:40:01.0"})), Nearness::node);
  EXPECT_EQ(nearness(gpu, at({"pci0000:80", "0000:80:01.0"}, 1)), Nearness::sys);
}

TEST(Nearness, OfPortsOfOneCardIsTheNearest) {
  const std::vector<std::string> slot{"pci0000:00", "0000:00:01.0"};
  EXPECT_EQ(nearness(at(slot), at(slot)), Nearness::pix);
}

TEST(Nearness, OfDevicesOnAVirtualMachinesOnlyBusIsTheHostBridge) {
  EXPECT_EQ(nearness(at({"pci0000:00"}), at({"pci0000:00"})), Nearness::phb);
}

TEST(Nearness, IsNotGuessedWhereTheKernelDoesNotTell) {
  EXPECT_EQ(nearness({}, at({"pci0000:00"})), Nearness::sys);
  EXPECT_EQ(nearness(at({"pci0000:00"}, -1), at({"pci0000:40"}, -1)), Nearness::sys);
}

TEST(PciDevices, AreFoundThroughLinks) {
  const SyntheticSysfs sysfs;
  sysfs.add_pci({"pci0000:00", "0000:00:01.0", "0000:0c:00.0"}, 3);
  sysfs.add_rdma("mlx5_0", "1", "InfiniBand", "4: ACTIVE");
  sysfs.place_rdma("mlx5_0", "0000:0c:00.0");
  const PciDevice device = read_pci_device(sysfs.root() / "class" / "infiniband" / "mlx5_0" / "device");
  EXPECT_EQ(device.address, "0000:0c:00.0");
  EXPECT_EQ(device.way, (std::vector<std::string>{"pci0000:00", "0000:00:01.0"}));
  EXPECT_EQ(device.numa_node, 3);
}

TEST(PciDevices, OfAVirtualMachineCarryWhatTheKernelHangsOnThem) {
  const SyntheticSysfs sysfs;
  sysfs.write("devices/pci0000:00/0000:00:03.0/numa_node", "-1");
  sysfs.write("devices/pci0000:00/0000:00:03.0/virtio1/vendor", "0x1af4");
  EXPECT_EQ(read_pci_device(sysfs.root() / "devices/pci0000:00/0000:00:03.0/virtio1").address, "0000:00:03.0");
}

TEST(PciDevices, AreNotWhatIsNotOnPci) {
  const SyntheticSysfs sysfs;
  sysfs.write("devices/virtual/net/docker0/speed", "10000");
  EXPECT_EQ(read_pci_device(sysfs.root() / "devices/virtual/net/docker0").address, "");
  EXPECT_EQ(read_pci_device(sysfs.root() / "nowhere").address, "");
}

TEST(PciAddresses, AreWrittenAsTheKernelDoes) {
  EXPECT_EQ(sysfs_address("00000000:0F:00.0"), "0000:0f:00.0");
  EXPECT_EQ(sysfs_address("0000:07:00.0"), "0000:07:00.0");
}

}  // namespace
}  // namespace hockney::topology
