#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace hockney::topology {

/// One NUMA node of this host, as the kernel numbers it.
struct NumaNode {
  int number = 0;
  std::string cpus;  ///< "0-15,128-143"
  Bytes memory;
};

/// The NUMA nodes of this host (/sys/devices/system/node), by number; none where the kernel does not tell.
std::vector<NumaNode> read_numa_nodes(const std::filesystem::path& sysfs = "/sys");

}  // namespace hockney::topology
