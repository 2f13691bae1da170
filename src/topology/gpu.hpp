#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "topology/pci.hpp"

namespace hockney::topology {

/// NVLinks of a GPU that end in one device other than a switch.
struct GpuPeer {
  std::string address;  ///< of what is at the other end, as /sys writes it; empty where NVML does not tell
  int links = 0;        ///< active ones
};

/// One GPU of this host. Of its NVLinks the kernel tells nothing: they come from NVML, where it is there.
struct Gpu {
  PciDevice pci;
  std::string name;              ///< "NVIDIA H100 80GB HBM3"; of /sys alone the maker's
  bool are_links_known = false;  ///< whether NVML told of its NVLinks
  int links_to_switches = 0;     ///< active NVLinks that end in an NVSwitch
  std::vector<GpuPeer> peers;    ///< what else its NVLinks end in, by address
};

/// The GPUs of this host by their PCI class: display and 3D controllers of NVIDIA and processing accelerators of AMD.
/// `sysfs` is the folder that stands for /sys.
std::vector<Gpu> read_gpus(const std::filesystem::path& sysfs = "/sys");

/// NVSwitches on the PCI bus of this host. From Blackwell's NVL72 on they sit in trays of their own: 0.
int count_nvswitches(const std::filesystem::path& sysfs = "/sys");

}  // namespace hockney::topology
