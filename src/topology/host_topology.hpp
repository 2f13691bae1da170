#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "topology/gpu.hpp"
#include "topology/nic.hpp"
#include "topology/numa.hpp"

namespace hockney::topology {

/// What a host consists of, as its kernel tells.
struct HostTopology {
  std::vector<NumaNode> numa_nodes;
  std::vector<Gpu> gpus;  ///< by PCI address, as NVML numbers them
  int nvswitches = 0;
  std::vector<Nic> nics;  ///< RDMA ports first
  std::string no_links;   ///< why NVML tells of no NVLinks; empty where it tells
};

/// `sysfs` is the folder that stands for /sys.
HostTopology read_host_topology(const std::filesystem::path& sysfs = "/sys");

/// The GPUs that are nearest to a device, and how near. No GPUs where none is nearer than Nearness::sys.
struct NearGpus {
  Nearness nearness = Nearness::sys;
  std::vector<std::size_t> gpus;  ///< places in HostTopology::gpus
};
NearGpus near_gpus(const HostTopology& host, const PciDevice& device);

/// The NICs in use (ACTIVE, up) that are nearest to a GPU, and how near: "mlx5_0, mlx5_1 (PXB)". Empty where none is
/// nearer than Nearness::sys.
std::string near_nics(const PciDevice& gpu, const std::vector<Nic>& nics);

/// A line for the whole host, then a paragraph per NUMA node with its CPUs, GPUs (PCI address, name, NVLinks) and NICs
/// (kind, rate, firmware, state, the GPUs near them). Hosts that are built alike have the same text. Ends with '\n'.
std::string picture_of(const HostTopology& host);

}  // namespace hockney::topology
