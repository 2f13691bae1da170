#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "topology/pci.hpp"

namespace hockney::topology {

/// The first line of a file without blanks at its end; empty where it cannot be read.
std::string first_line(const std::filesystem::path& file);

/// What is in a folder, by name; nothing where there is no such folder.
std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder);

/// The PCI device that an entry of /sys is, links to or hangs on: "/sys/class/infiniband/mlx5_0/device". Without an
/// address where there is none.
PciDevice read_pci_device(const std::filesystem::path& entry);

}  // namespace hockney::topology
