#include "topology/numa.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>

#include "topology/sysfs.hpp"

namespace hockney::topology {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "node";

// "Node 0 MemTotal:       131893180 kB"
Bytes memory_of(const fs::path& folder) {
  std::ifstream file(folder / "meminfo");
  for (std::string word; file >> word;) {
    if (word == "MemTotal:") {
      std::uint64_t kibibytes_of_node = 0;
      file >> kibibytes_of_node;
      return kibibytes(kibibytes_of_node);
    }
  }
  return {};
}

}  // namespace

std::vector<NumaNode> read_numa_nodes(const fs::path& sysfs) {
  std::vector<NumaNode> nodes;
  for (const fs::path& folder : entries_of(sysfs / "devices" / "system" / "node")) {
    const std::string name = folder.filename().string();
    NumaNode node;
    const char* const end = name.data() + name.size();
    const bool is_node =
        name.starts_with(prefix) && std::from_chars(name.data() + prefix.size(), end, node.number).ptr == end;
    if (is_node && name.size() > prefix.size()) {
      node.cpus = first_line(folder / "cpulist");
      node.memory = memory_of(folder);
      nodes.push_back(node);
    }
  }
  std::sort(nodes.begin(), nodes.end(), [](const NumaNode& a, const NumaNode& b) { return a.number < b.number; });
  return nodes;
}

}  // namespace hockney::topology
