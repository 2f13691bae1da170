#include "topology/pci.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace hockney::topology {

Nearness nearness(const PciDevice& a, const PciDevice& b) {
  const bool same_node = a.numa_node >= 0 && a.numa_node == b.numa_node;
  if (a.way.empty() || b.way.empty() || a.way.front() != b.way.front()) {
    return same_node ? Nearness::node : Nearness::sys;
  }
  const auto apart = std::mismatch(a.way.begin(), a.way.end(), b.way.begin(), b.way.end());
  if (apart.first == a.way.begin() + 1) {
    return Nearness::phb;
  }
  const auto ports = std::max(a.way.end() - apart.first, b.way.end() - apart.second);
  return ports <= 1 ? Nearness::pix : Nearness::pxb;
}

std::string sysfs_address(std::string_view address) {
  constexpr std::size_t length = std::string_view("0000:07:00.0").size();
  const std::string lower = lower_case(address);
  return lower.size() > length ? lower.substr(lower.size() - length) : lower;
}

}  // namespace hockney::topology
