#include "topology/nic.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <functional>
#include <numeric>

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

std::vector<Nic> read_interfaces(const fs::path& sysfs) {
  std::vector<Nic> nics;
  for (const fs::path& interface : entries_of(sysfs / "class" / "net")) {
    const long speed = speed_of(interface);
    if (interface.filename() != "lo" && speed > 0) {
      Nic nic;
      nic.name = interface.filename().string();
      nic.rate_text = std::to_string(speed) + " Mb/s";
      nic.link_layer = "Ethernet";
      nic.state = first_line(interface / "operstate");
      nic.pci = read_pci_device(interface / "device");
      nics.push_back(nic);
    }
  }
  return nics;
}

// "400 Gb/sec (4X NDR)"
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

}  // namespace

std::vector<Nic> read_nics(const fs::path& sysfs) {
  auto nics = read_rdma_ports(sysfs);
  return nics.empty() ? read_interfaces(sysfs) : nics;
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

Fabric inter_node_fabric(const std::vector<Nic>& nics) {
  std::vector<Nic> ports = nics;
  std::erase_if(ports, [](const Nic& nic) { return !nic.rdma || nic.state != "ACTIVE"; });
  if (ports.empty()) {
    return Fabric::tcp;
  }
  const double fastest = std::transform_reduce(
      ports.begin(), ports.end(), 0.0, [](double a, double b) { return std::max(a, b); }, rate_of);
  std::vector<Fabric> active;
  for (const Nic& nic : ports) {
    if (rate_of(nic) == fastest) {
      active.push_back(fabric_of(nic));
    }
  }
  const bool alike = std::all_of(active.begin(), active.end(), [&](Fabric other) { return other == active.front(); });
  return alike ? active.front() : Fabric::unknown;
}

}  // namespace hockney::topology
