#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "topology/gpu.hpp"
#include "topology/pci.hpp"
#include "vocabulary/fabric.hpp"
#include "vocabulary/inter_node_ports.hpp"

namespace hockney::topology {

/// One port of a network adapter as the kernel describes it. Fields that it does not tell are empty.
struct Nic {
  std::string name;        ///< "mlx5_0", "mlx5_0:2" for a port that is not the first; "eth0"
  std::string rate_text;   ///< "400 Gb/sec (4X NDR)" of RDMA ports, "25000 Mb/s" of others
  std::string link_layer;  ///< "InfiniBand", "Ethernet", "EFA"; what the kernel says of others
  std::string firmware;    ///< "28.39.1002"
  std::string state;       ///< "ACTIVE", "DOWN"; "up" of network interfaces
  std::string board;       ///< "MT_0000000838"
  bool rdma = false;       ///< from /sys/class/infiniband; else a network interface
  PciDevice pci;           ///< without an address where the kernel does not tell
};

/// The RDMA ports of this node (/sys/class/infiniband), ordered by name; where there is none, the network interfaces
/// that tell a speed (/sys/class/net). `sysfs` is the folder that stands for /sys.
std::vector<Nic> read_nics(const std::filesystem::path& sysfs = "/sys");

/// The RDMA ports, and behind them the network interfaces that tell a speed or are PCI devices (those of virtual
/// machines tell none) and are not the Ethernet side of one of those ports.
std::vector<Nic> read_all_nics(const std::filesystem::path& sysfs = "/sys");

/// Whether bytes to other hosts can only go over TCP: there is no RDMA port (/sys/class/infiniband) and no Slingshot
/// adapter (/sys/class/cxi).
bool has_only_tcp(const std::filesystem::path& sysfs = "/sys");

/// What connects this node to others, by the fastest of the RDMA ports that are active (NCCL prefers them, and storage
/// and management ports are slower), and of those the ones nearest to one of the GPUs on PCI Express, where there are
/// any (NCCL takes them, and storage ports of the same rate sit elsewhere): infiniband, roce (RDMA over Ethernet) or
/// efa; tcp when there is no active RDMA port; unknown when these ports differ or the kernel tells nothing known.
Fabric inter_node_fabric(const std::vector<Nic>& nics, const std::vector<Gpu>& gpus = {});

/// The ports that inter_node_fabric() goes by, and their rate; of tcp the fastest interface that is up. Nothing where
/// no port is, or the fabric is unknown.
std::optional<InterNodePorts> inter_node_ports(const std::vector<Nic>& nics, const std::vector<Gpu>& gpus = {});

}  // namespace hockney::topology
