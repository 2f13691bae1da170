#include "topology/host_topology.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <sstream>

#include "topology/synthetic_sysfs.hpp"

namespace hockney::topology {
namespace {

using Way = std::vector<std::string>;

// One of the four PCIe boards of a DGX A100: two GPUs and two compute NICs behind two stages of switches.
struct Board {
  std::string host_bridge;
  std::string bus;  // of the first switch
  int numa_node = 0;
  std::string cpus;
  std::vector<std::string> gpus;
  std::vector<std::pair<std::string, std::string>> nics;
};

// PCI addresses, NUMA nodes and what is near what: NVIDIA DGX A100 User Guide and the table that `nvidia-smi topo -m`
// prints on one. The buses of the switches between are made up.
const std::vector<Board> boards{
    {"pci0000:00", "01", 3, "48-63,176-191", {"07", "0f"}, {{"mlx5_0", "0c"}, {"mlx5_1", "12"}}},
    {"pci0000:40", "41", 1, "16-31,144-159", {"47", "4e"}, {{"mlx5_2", "4b"}, {"mlx5_3", "54"}}},
    {"pci0000:80", "81", 7, "112-127,240-255", {"87", "90"}, {{"mlx5_6", "8d"}, {"mlx5_7", "94"}}},
    {"pci0000:a0", "b1", 5, "80-95,208-223", {"b7", "bd"}, {{"mlx5_8", "ba"}, {"mlx5_9", "cc"}}},
};

Way behind_switches(const Board& board, int port, const std::string& bus) {
  const std::string domain = "0000:";
  return {board.host_bridge,
          domain + board.host_bridge.substr(8) + ":01.1",
          domain + board.bus + ":00.0",
          domain + board.bus + ":0" + std::to_string(port) + ".0",
          domain + board.bus + ":1" + std::to_string(port) + ".0",
          domain + bus + ":00.0"};
}

void add_board(const SyntheticSysfs& sysfs, const Board& board) {
  sysfs.add_numa_node(board.numa_node, board.cpus, "264163532");
  int port = 0;
  for (const std::string& bus : board.gpus) {
    sysfs.add_gpu(behind_switches(board, port++, bus), board.numa_node);
  }
  for (const auto& [name, bus] : board.nics) {
    sysfs.add_pci(behind_switches(board, port++, bus), board.numa_node);
    sysfs.add_rdma(name, "1", "InfiniBand", "4: ACTIVE", "200 Gb/sec (4X HDR)");
    sysfs.place_rdma(name, "0000:" + bus + ":00.0");
  }
}

void add_storage(const SyntheticSysfs& sysfs, const std::string& name, const std::string& bridge,
                 const std::string& address, int numa_node, const std::string& rate) {
  sysfs.add_pci({"pci0000:" + bridge, "0000:" + bridge + ":01.1", address}, numa_node);
  sysfs.add_rdma(name, "1", "Ethernet", "4: ACTIVE", rate);
  sysfs.place_rdma(name, address);
}

void make_dgx_a100(const SyntheticSysfs& sysfs, const std::string& storage_rate = "100 Gb/sec (4X EDR)") {
  for (const Board& board : boards) {
    add_board(sysfs, board);
  }
  sysfs.add_numa_node(0, "0-15,128-143", "264163532");
  sysfs.add_numa_node(4, "64-79,192-207", "264163532");
  add_storage(sysfs, "mlx5_4", "60", "0000:61:00.0", 0, storage_rate);
  add_storage(sysfs, "mlx5_5", "60", "0000:61:00.1", 0, storage_rate);
  add_storage(sysfs, "mlx5_10", "e0", "0000:e1:00.0", 4, storage_rate);
  add_storage(sysfs, "mlx5_11", "e0", "0000:e1:00.1", 4, storage_rate);
  for (int number = 0; number < 6; ++number) {
    const std::string bus = "c" + std::to_string(number);
    sysfs.add_nvswitch({"pci0000:c0", "0000:c0:01.1", "0000:" + bus + ":00.0"}, 5);
  }
}

const Nic& nic_named(const HostTopology& host, std::string_view name) {
  return *std::find_if(host.nics.begin(), host.nics.end(), [&](const Nic& nic) { return nic.name == name; });
}

std::string lines_with(const std::string& text, std::string_view word) {
  std::istringstream stream(text);
  std::string found;
  for (std::string line; std::getline(stream, line);) {
    found += line.find(word) != std::string::npos ? line + "\n" : "";
  }
  return found;
}

TEST(DgxA100, HasAPairOfNicsNearEveryPairOfGpus) {
  const SyntheticSysfs sysfs;
  make_dgx_a100(sysfs);
  const HostTopology host = read_host_topology(sysfs.root());
  ASSERT_EQ(host.gpus.size(), 8U);
  EXPECT_EQ(host.gpus[1].pci.address, "0000:0f:00.0");
  EXPECT_EQ(host.nvswitches, 6);
  EXPECT_EQ(host.nics.size(), 12U);
  for (const auto& [nic, gpus] : std::vector<std::pair<std::string, std::vector<std::size_t>>>{
           {"mlx5_0", {0, 1}}, {"mlx5_1", {0, 1}}, {"mlx5_3", {2, 3}}, {"mlx5_6", {4, 5}}, {"mlx5_9", {6, 7}}}) {
    const NearGpus near = near_gpus(host, nic_named(host, nic).pci);
    EXPECT_EQ(near.nearness, Nearness::pxb) << nic;
    EXPECT_EQ(near.gpus, gpus) << nic;
  }
  EXPECT_TRUE(near_gpus(host, nic_named(host, "mlx5_4").pci).gpus.empty()) << "storage is behind another CPU";
  EXPECT_EQ(near_nics(host.gpus[4].pci, host.nics), "mlx5_6, mlx5_7 (PXB)");
  EXPECT_EQ(near_nics({}, host.nics), "") << "a GPU whose place is not known";
  EXPECT_EQ(inter_node_ports(host.nics), (InterNodePorts{Fabric::infiniband, 8, {25e9}}))
      << "the slower storage ports do not count";
}

TEST(DgxA100, HasStoragePortsThatAreNoGpusNearest) {
  const SyntheticSysfs sysfs;
  make_dgx_a100(sysfs, "200 Gb/sec (4X HDR)");
  const HostTopology host = read_host_topology(sysfs.root());
  EXPECT_EQ(inter_node_ports(host.nics), std::nullopt) << "of ports alone one cannot tell which serve storage";
  EXPECT_EQ(inter_node_ports(host.nics, host.gpus), (InterNodePorts{Fabric::infiniband, 8, {25e9}}));
}

TEST(DgxA100, IsShownByNumaNode) {
  const SyntheticSysfs sysfs;
  make_dgx_a100(sysfs);
  HostTopology host = read_host_topology(sysfs.root());
  for (Gpu& gpu : host.gpus) {
    gpu.name = "NVIDIA A100-SXM4-40GB";
    gpu.are_links_known = true;
    gpu.links_to_switches = 12;
  }
  const std::string text = picture_of(host);
  EXPECT_EQ(text.substr(0, text.find('\n')), "6 NUMA nodes, 8 GPUs, 6 NVSwitches, 12 NICs");
  const auto begin = text.find("NUMA node 3");
  EXPECT_EQ(text.substr(begin, text.find("NUMA node 4") - begin),
            "NUMA node 3: CPUs 48-63,176-191, 252 GiB\n"
            "  GPU 0    0000:07:00.0  NVIDIA A100-SXM4-40GB, 12 NVLinks to NVSwitch\n"
            "  GPU 1    0000:0f:00.0  NVIDIA A100-SXM4-40GB, 12 NVLinks to NVSwitch\n"
            "  mlx5_0   0000:0c:00.0  InfiniBand 200 Gb/sec (4X HDR), firmware 28.39.1002, ACTIVE, PXB to GPU 0, 1\n"
            "  mlx5_1   0000:12:00.0  InfiniBand 200 Gb/sec (4X HDR), firmware 28.39.1002, ACTIVE, PXB to GPU 0, 1\n");
  EXPECT_EQ(lines_with(text, "mlx5_10"),
            "  mlx5_10  0000:e1:00.0  Ethernet 100 Gb/sec (4X EDR), firmware 28.39.1002, ACTIVE\n");
}

TEST(EthernetHost, HasInterfacesAndNoGpus) {
  const SyntheticSysfs sysfs;
  sysfs.add_numa_node(0, "0-31", "131893180");
  sysfs.add_pci({"pci0000:00", "0000:00:02.0", "0000:01:00.0"}, 0, "0x8086", "0x020000");
  sysfs.add_interface("eno1", "25000");
  sysfs.place_interface("eno1", "0000:01:00.0");
  const HostTopology host = read_host_topology(sysfs.root());
  EXPECT_EQ(picture_of(host),
            "1 NUMA node, 0 GPUs, 1 NIC\n"
            "NUMA node 0: CPUs 0-31, 126 GiB\n"
            "  eno1  0000:01:00.0  Ethernet 25000 Mb/s, up\n");
  EXPECT_EQ(inter_node_ports(host.nics), (InterNodePorts{Fabric::tcp, 1, {3.125e9}}));
}

// virtio and the like: the kernel says -1, or refuses to be read
TEST(VirtualMachine, HasAnInterfaceThatTellsNoSpeed) {
  const SyntheticSysfs sysfs;
  sysfs.add_numa_node(0, "0-1", "8130000");
  sysfs.add_pci({"pci0000:00", "0000:00:03.0"}, 0, "0x1af4", "0x020000");
  sysfs.add_interface("eth0", "-1");
  sysfs.place_interface("eth0", "0000:00:03.0");
  sysfs.add_interface("docker0", "-1");
  const HostTopology host = read_host_topology(sysfs.root());
  EXPECT_EQ(picture_of(host),
            "1 NUMA node, 0 GPUs, 1 NIC\n"
            "NUMA node 0: CPUs 0-1, 8 GiB\n"
            "  eth0  0000:00:03.0  Ethernet of unknown rate, up\n");
  EXPECT_TRUE(read_nics(sysfs.root()).empty());
  EXPECT_EQ(inter_node_ports(host.nics), std::nullopt);
}

// As a p4d.24xlarge: the hypervisor shows every device on a host bridge.
TEST(EfaHost, HasAnAdapterNearEveryPairOfGpus) {
  const SyntheticSysfs sysfs;
  for (const auto& [bus, numa_node] : std::vector<std::pair<std::string, int>>{{"10", 0}, {"90", 1}}) {
    const std::string start = "0000:" + bus + ":";
    const std::string adapter = "rdmap" + std::to_string(std::stoi(bus, nullptr, 16)) + "s27";
    sysfs.add_pci({"pci0000:" + bus, start + "1b.0"}, numa_node, "0x1d0f", "0x020000");
    sysfs.add_gpu({"pci0000:" + bus, start + "1c.0"}, numa_node);
    sysfs.add_gpu({"pci0000:" + bus, start + "1d.0"}, numa_node);
    sysfs.add_rdma(adapter, "1", "Unspecified", "4: ACTIVE", "100 Gb/sec (4X EDR)");
    sysfs.write("class/infiniband/" + adapter + "/node_desc", "EFA");
    sysfs.place_rdma(adapter, start + "1b.0");
  }
  const HostTopology host = read_host_topology(sysfs.root());
  ASSERT_EQ(host.gpus.size(), 4U);
  const NearGpus near = near_gpus(host, nic_named(host, "rdmap144s27").pci);
  EXPECT_EQ(near.nearness, Nearness::phb);
  EXPECT_EQ(near.gpus, (std::vector<std::size_t>{2, 3}));
  EXPECT_EQ(inter_node_fabric(host.nics), Fabric::efa);
  EXPECT_NE(picture_of(host).find("EFA 100 Gb/sec (4X EDR), firmware 28.39.1002, ACTIVE, PHB to GPU 0, 1"),
            std::string::npos)
      << picture_of(host);
}

TEST(PcieServer, HasGpusWithoutNvLinksBehindTwoCpus) {
  const SyntheticSysfs sysfs;
  sysfs.add_numa_node(0, "0-15", "131893180");
  sysfs.add_numa_node(1, "16-31", "131893180");
  sysfs.add_gpu({"pci0000:16", "0000:16:02.0", "0000:17:00.0"}, 0);
  sysfs.add_gpu({"pci0000:64", "0000:64:02.0", "0000:65:00.0"}, 0);
  sysfs.add_gpu({"pci0000:97", "0000:97:02.0", "0000:98:00.0"}, 1);
  sysfs.add_pci({"pci0000:97", "0000:97:04.0", "0000:99:00.0"}, 1);
  sysfs.add_rdma("mlx5_0", "1", "Ethernet", "4: ACTIVE", "100 Gb/sec (4X EDR)");
  sysfs.place_rdma("mlx5_0", "0000:99:00.0");
  HostTopology host = read_host_topology(sysfs.root());
  host.gpus[0].are_links_known = true;
  EXPECT_EQ(near_gpus(host, nic_named(host, "mlx5_0").pci).gpus, (std::vector<std::size_t>{2}));
  EXPECT_EQ(lines_with(picture_of(host), "GPU 0 "), "  GPU 0   0000:17:00.0  NVIDIA GPU, no NVLinks\n");
  EXPECT_EQ(lines_with(picture_of(host), "GPU 1 "), "  GPU 1   0000:65:00.0  NVIDIA GPU, NVLinks not told\n");
  EXPECT_EQ(inter_node_fabric(host.nics), Fabric::roce);
  EXPECT_EQ(inter_node_ports(host.nics, host.gpus), (InterNodePorts{Fabric::roce, 1, {12.5e9}}))
      << "two of the GPUs have none near them";
}

TEST(NvLinks, ToOtherGpusAreToldByTheirNumber) {
  HostTopology host;
  host.gpus.resize(2);
  host.gpus[0].pci.address = "0000:07:00.0";
  host.gpus[1].pci.address = "0000:0f:00.0";
  host.gpus[0].name = "NVIDIA H100 NVL";
  host.gpus[0].are_links_known = true;
  host.gpus[0].peers = {{"", 2}, {"0000:0f:00.0", 12}, {"0000:99:00.0", 1}};
  EXPECT_NE(picture_of(host).find("NVIDIA H100 NVL, 2 NVLinks to an end that NVML does not tell, 12 NVLinks to GPU 1, "
                                  "1 NVLink to 0000:99:00.0"),
            std::string::npos)
      << picture_of(host);
}

TEST(Picture, SaysWhyNvmlTellsNoNvLinks) {
  HostTopology host;
  host.gpus.resize(1);
  host.gpus[0].name = "NVIDIA GPU";
  host.no_links = "NVML is not there";
  EXPECT_EQ(picture_of(host),
            "0 NUMA nodes, 1 GPU, 0 NICs\n"
            "NUMA node not told\n"
            "  GPU 0  -             NVIDIA GPU\n"
            "NVLinks are not told: NVML is not there\n");
}

}  // namespace
}  // namespace hockney::topology
