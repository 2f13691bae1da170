#include "topology/host_topology.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hockney::topology {
namespace {

std::string count_of(std::size_t count, std::string_view one, std::string_view ending = "s") {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : ending);
}

std::string name_of_peer(const HostTopology& host, const std::string& address) {
  const auto peer = std::find_if(host.gpus.begin(), host.gpus.end(),
                                 [&](const Gpu& candidate) { return candidate.pci.address == address; });
  if (peer != host.gpus.end()) {
    return fmt::format("GPU {}", peer - host.gpus.begin());
  }
  return address.empty() ? "an end that NVML does not tell" : address;
}

std::string links_of(const HostTopology& host, const Gpu& gpu) {
  if (!gpu.are_links_known) {
    return "NVLinks not told";
  }
  std::vector<std::string> parts;
  if (gpu.links_to_switches > 0) {
    parts.push_back(count_of(static_cast<std::size_t>(gpu.links_to_switches), "NVLink") + " to NVSwitch");
  }
  for (const GpuPeer& peer : gpu.peers) {
    parts.push_back(fmt::format("{} to {}", count_of(static_cast<std::size_t>(peer.links), "NVLink"),
                                name_of_peer(host, peer.address)));
  }
  return parts.empty() ? "no NVLinks" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string near_text(const HostTopology& host, const Nic& nic) {
  const NearGpus near = near_gpus(host, nic.pci);
  return near.gpus.empty() ? "" : fmt::format(", {} to GPU {}", name_of(near.nearness), fmt::join(near.gpus, ", "));
}

std::string nic_text(const HostTopology& host, const Nic& nic) {
  std::vector<std::string> parts{
      fmt::format("{} {}", nic.link_layer, nic.rate_text.empty() ? "of unknown rate" : nic.rate_text)};
  if (!nic.firmware.empty()) {
    parts.push_back("firmware " + nic.firmware);
  }
  if (!nic.state.empty()) {
    parts.push_back(nic.state);
  }
  return fmt::format("{}{}", fmt::join(parts, ", "), near_text(host, nic));
}

struct Row {
  std::string name;
  const PciDevice* pci = nullptr;
  std::string text;
};

std::vector<Row> rows_of(const HostTopology& host) {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < host.gpus.size(); ++i) {
    const Gpu& gpu = host.gpus[i];
    rows.push_back(
        {fmt::format("GPU {}", i), &gpu.pci, host.no_links.empty() ? gpu.name + ", " + links_of(host, gpu) : gpu.name});
  }
  for (const Nic& nic : host.nics) {
    rows.push_back({nic.name, &nic.pci, nic_text(host, nic)});
  }
  return rows;
}

std::size_t widest_name(const std::vector<Row>& rows) {
  std::size_t widest = 0;
  for (const Row& row : rows) {
    widest = std::max(widest, row.name.size());
  }
  return widest;
}

template <class OnNode>
std::string lines_of(const std::vector<Row>& rows, std::size_t width, OnNode is_wanted) {
  std::string lines;
  for (const Row& row : rows) {
    if (is_wanted(row.pci->numa_node)) {
      lines += fmt::format("  {:<{}}  {:<12}  {}\n", row.name, width, row.pci->address.empty() ? "-" : row.pci->address,
                           row.text);
    }
  }
  return lines;
}

std::string contents_of(const HostTopology& host) {
  std::vector<std::string> parts{count_of(host.numa_nodes.size(), "NUMA node"), count_of(host.gpus.size(), "GPU")};
  if (host.nvswitches > 0) {
    parts.push_back(count_of(static_cast<std::size_t>(host.nvswitches), "NVSwitch", "es"));
  }
  parts.push_back(count_of(host.nics.size(), "NIC"));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string gibibytes_of(Bytes memory) {
  return fmt::format("{:.0f} GiB", static_cast<double>(memory.count) / static_cast<double>(gibibytes(1).count));
}

}  // namespace

HostTopology read_host_topology(const std::filesystem::path& sysfs) {
  HostTopology host;
  host.numa_nodes = read_numa_nodes(sysfs);
  host.gpus = read_gpus(sysfs);
  host.nvswitches = count_nvswitches(sysfs);
  host.nics = read_all_nics(sysfs);
  return host;
}

NearGpus near_gpus(const HostTopology& host, const PciDevice& device) {
  NearGpus found;
  for (std::size_t i = 0; i < host.gpus.size(); ++i) {
    const Nearness near = nearness(host.gpus[i].pci, device);
    if (near < found.nearness) {
      found = {near, {}};
    }
    if (near == found.nearness && near != Nearness::sys) {
      found.gpus.push_back(i);
    }
  }
  return found;
}

std::string near_nics(const PciDevice& gpu, const std::vector<Nic>& nics) {
  Nearness nearest = Nearness::sys;
  std::vector<std::string> names;
  for (const Nic& nic : nics) {
    const Nearness near = nearness(gpu, nic.pci);
    if (near == Nearness::sys || near > nearest || (nic.state != "ACTIVE" && nic.state != "up")) {
      continue;
    }
    if (near < nearest) {
      nearest = near;
      names.clear();
    }
    names.push_back(nic.name);
  }
  return names.empty() ? "" : fmt::format("{} ({})", fmt::join(names, ", "), name_of(nearest));
}

std::string picture_of(const HostTopology& host) {
  const std::vector<Row> rows = rows_of(host);
  const std::size_t width = widest_name(rows);
  std::string text = contents_of(host) + "\n";
  for (const NumaNode& node : host.numa_nodes) {
    text += fmt::format("NUMA node {}: CPUs {}, {}\n", node.number, node.cpus, gibibytes_of(node.memory)) +
            lines_of(rows, width, [&](int number) { return number == node.number; });
  }
  const std::string homeless = lines_of(rows, width, [&](int number) {
    return std::none_of(host.numa_nodes.begin(), host.numa_nodes.end(),
                        [&](const NumaNode& node) { return node.number == number; });
  });
  text += homeless.empty() ? "" : "NUMA node not told\n" + homeless;
  return text + (host.gpus.empty() || host.no_links.empty() ? "" : "NVLinks are not told: " + host.no_links + "\n");
}

}  // namespace hockney::topology
