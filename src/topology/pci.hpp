#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/names.hpp"

namespace hockney::topology {

/// Where a device sits in the tree of PCI Express. Fields that the kernel does not tell are empty, or -1.
struct PciDevice {
  std::string address;           ///< "0000:07:00.0"; empty of devices that are not on PCI
  std::vector<std::string> way;  ///< from the host bridge down: "pci0000:00", a root port, bridges of switches
  int numa_node = -1;
};

/// What lies between two devices, nearest first, in the words of `nvidia-smi topo -m`.
enum class Nearness {
  pix,   ///< one bridge of PCI Express at most: one switch
  pxb,   ///< several bridges, and no host bridge
  phb,   ///< the host bridge: the CPU passes the data on
  node,  ///< several host bridges of one NUMA node
  sys,   ///< the link between NUMA nodes; or the kernel does not tell
};

struct NearnessNames {
  static constexpr std::string_view what = "nearness";
  static constexpr std::array<NamedValue<Nearness>, 5> table{{
      {Nearness::pix, "PIX"},
      {Nearness::pxb, "PXB"},
      {Nearness::phb, "PHB"},
      {Nearness::node, "NODE"},
      {Nearness::sys, "SYS"},
  }};
};
NearnessNames names_of(Nearness);

/// `a` and `b` are different devices.
Nearness nearness(const PciDevice& a, const PciDevice& b);

/// An address as /sys writes it: "0000:07:00.0" of NVML's "00000000:07:00.0" and of CUDA's "0000:07:00.0".
std::string sysfs_address(std::string_view address);

}  // namespace hockney::topology
