#include "topology/nic.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <iterator>
#include <set>

#include "topology/sysfs.hpp"

namespace hockney::topology {
namespace {

namespace fs = std::filesystem;

bool is_efa(const fs::path& device) {
  std::error_code missing;
  const fs::path driver = fs::read_symlink(device / "device" / "driver", missing);
  return driver.filename() == "efa" || first_line(device / "node_desc").starts_with("EFA");
}

// "4: ACTIVE"
std::string state_word(const std::string& state) {
  const auto colon = state.find(": ");
  return colon == std::string::npos ? state : state.substr(colon + 2);
}

Nic read_port(const fs::path& device, const fs::path& port) {
  Nic nic;
  const std::string number = port.filename().string();
  nic.name = device.filename().string() + (number == "1" ? "" : ":" + number);
  nic.rate_text = first_line(port / "rate");
  nic.link_layer = is_efa(device) ? "EFA" : first_line(port / "link_layer");
  nic.firmware = first_line(device / "fw_ver");
  nic.state = state_word(first_line(port / "state"));
  nic.board = first_line(device / "board_id");
  nic.rdma = true;
  nic.pci = read_pci_device(device / "device");
  return nic;
}

std::vector<Nic> read_rdma_ports(const fs::path& sysfs) {
  std::vector<Nic> nics;
  for (const fs::path& device : entries_of(sysfs / "class" / "infiniband")) {
    for (const fs::path& port : entries_of(device / "ports")) {
      nics.push_back(read_port(device, port));
    }
  }
  return nics;
}

// Mb/s; interfaces that are down or have no speed of their own say -1 or nothing
long speed_of(const fs::path& interface) {
  const std::string text = first_line(interface / "speed");
  long speed = 0;
  std::from_chars(text.data(), text.data() + text.size(), speed);
  return speed;
}

// Those that tell a speed, and those on PCI that tell none.
std::vector<Nic> read_interfaces(const fs::path& sysfs) {
  std::vector<Nic> nics;
  for (const fs::path& interface : entries_of(sysfs / "class" / "net")) {
    const long speed = speed_of(interface);
    Nic nic;
    nic.name = interface.filename().string();
    nic.rate_text = speed > 0 ? std::to_string(speed) + " Mb/s" : "";
    nic.link_layer = "Ethernet";
    nic.state = first_line(interface / "operstate");
    nic.pci = read_pci_device(interface / "device");
    if (nic.name != "lo" && (speed > 0 || !nic.pci.address.empty())) {
      nics.push_back(nic);
    }
  }
  return nics;
}

// "400 Gb/sec (4X NDR)", "25000 Mb/s"
double rate_of(const Nic& nic) { return std::strtod(nic.rate_text.c_str(), nullptr); }

Fabric fabric_of(const Nic& nic) {
  if (nic.link_layer == "InfiniBand") {
    return Fabric::infiniband;
  }
  if (nic.link_layer == "Ethernet") {
    return Fabric::roce;
  }
  return nic.link_layer == "EFA" ? Fabric::efa : Fabric::unknown;
}

bool is_active_rdma(const Nic& nic) { return nic.rdma && nic.state == "ACTIVE"; }
bool is_interface_up(const Nic& nic) { return !nic.rdma && nic.state == "up"; }

std::vector<Nic> fastest_of(const std::vector<Nic>& nics, bool (*counts)(const Nic&)) {
  double fastest = 0;
  for (const Nic& nic : nics) {
    fastest = counts(nic) ? std::max(fastest, rate_of(nic)) : fastest;
  }
  std::vector<Nic> found;
  std::copy_if(nics.begin(), nics.end(), std::back_inserter(found),
               [&](const Nic& nic) { return counts(nic) && rate_of(nic) == fastest; });
  return found;
}

std::vector<Nic> nearest_to(const Gpu& gpu, const std::vector<Nic>& nics) {
  Nearness nearest = Nearness::sys;
  for (const Nic& nic : nics) {
    nearest = std::min(nearest, nearness(gpu.pci, nic.pci));
  }
  std::vector<Nic> found;
  std::copy_if(nics.begin(), nics.end(), std::back_inserter(found),
               [&](const Nic& nic) { return nearness(gpu.pci, nic.pci) == nearest; });
  return found;
}

// Storage ports may be as fast as the others, but they are no GPU's nearest.
std::vector<Nic> ports_of_gpus(const std::vector<Nic>& nics, const std::vector<Gpu>& gpus) {
  const std::vector<Nic> fastest = fastest_of(nics, is_active_rdma);
  std::set<std::string> names;
  for (const Gpu& gpu : gpus) {
    for (const Nic& nic : nearest_to(gpu, fastest)) {
      names.insert(nic.name);
    }
  }
  std::vector<Nic> ports;
  std::copy_if(fastest.begin(), fastest.end(), std::back_inserter(ports),
               [&](const Nic& nic) { return gpus.empty() || names.contains(nic.name); });
  return ports;
}

}  // namespace

std::vector<Nic> read_nics(const fs::path& sysfs) {
  auto nics = read_rdma_ports(sysfs);
  if (nics.empty()) {
    nics = read_interfaces(sysfs);
    std::erase_if(nics, [](const Nic& nic) { return nic.rate_text.empty(); });
  }
  return nics;
}

std::vector<Nic> read_all_nics(const fs::path& sysfs) {
  std::vector<Nic> nics = read_rdma_ports(sysfs);
  std::vector<Nic> interfaces = read_interfaces(sysfs);
  std::erase_if(interfaces, [&](const Nic& interface) {
    return !interface.pci.address.empty() && std::any_of(nics.begin(), nics.end(), [&](const Nic& port) {
      return port.pci.address == interface.pci.address;
    });
  });
  nics.insert(nics.end(), interfaces.begin(), interfaces.end());
  return nics;
}

bool has_only_tcp(const fs::path& sysfs) {
  return read_rdma_ports(sysfs).empty() && entries_of(sysfs / "class" / "cxi").empty();
}

Fabric inter_node_fabric(const std::vector<Nic>& nics, const std::vector<Gpu>& gpus) {
  const std::vector<Nic> ports = ports_of_gpus(nics, gpus);
  if (ports.empty()) {
    return Fabric::tcp;
  }
  const Fabric fabric = fabric_of(ports.front());
  const bool alike =
      std::all_of(ports.begin(), ports.end(), [&](const Nic& other) { return fabric_of(other) == fabric; });
  return alike ? fabric : Fabric::unknown;
}

std::optional<InterNodePorts> inter_node_ports(const std::vector<Nic>& nics, const std::vector<Gpu>& gpus) {
  const Fabric fabric = inter_node_fabric(nics, gpus);
  const bool tcp = fabric == Fabric::tcp;
  const std::vector<Nic> ports = tcp ? fastest_of(nics, is_interface_up) : ports_of_gpus(nics, gpus);
  if (ports.empty() || fabric == Fabric::unknown || rate_of(ports.front()) <= 0) {
    return std::nullopt;
  }
  const double bytes_per_s = rate_of(ports.front()) * (tcp ? 1e6 : 1e9) / 8;
  return InterNodePorts{fabric, tcp ? 1 : static_cast<std::uint32_t>(ports.size()), {bytes_per_s}};
}

}  // namespace hockney::topology
