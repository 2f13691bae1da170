#include "topology/sysfs.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>

namespace hockney::topology {
namespace {

namespace fs = std::filesystem;

// "0000:07:00.0"
bool is_address(const std::string& name) {
  return name.size() == 12 && name[4] == ':' && name[7] == ':' && name[10] == '.';
}

bool is_host_bridge(const std::string& name) { return name.starts_with("pci") && name.find(':') != std::string::npos; }

}  // namespace

std::string first_line(const fs::path& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  line.erase(line.find_last_not_of(" \t\r") + 1);
  return line;
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::error_code missing;
  std::vector<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(folder, missing)) {
    entries.push_back(entry.path());
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

PciDevice read_pci_device(const fs::path& entry) {
  std::error_code missing;
  fs::path folder;
  fs::path of_device;
  PciDevice device;
  for (const fs::path& part : fs::canonical(entry, missing)) {
    folder /= part;
    if (is_host_bridge(part.string()) || is_address(part.string())) {
      device.way.push_back(part.string());
      of_device = folder;
    }
  }
  if (device.way.size() < 2) {
    return {};
  }
  device.address = device.way.back();
  device.way.pop_back();
  const std::string node = first_line(of_device / "numa_node");
  std::from_chars(node.data(), node.data() + node.size(), device.numa_node);
  return device;
}

}  // namespace hockney::topology
