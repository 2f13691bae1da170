#pragma once

#include <filesystem>
#include <fstream>
#include <stdlib.h>
#include <string>
#include <vector>

namespace hockney::topology {

/// For tests: a folder with files and links as /sys has them. Removed with the object.
class SyntheticSysfs {
 public:
  SyntheticSysfs() {
    std::string path = (std::filesystem::temp_directory_path() / "hockney-sysfs-XXXXXX").string();
    root_ = ::mkdtemp(path.data());
  }
  SyntheticSysfs(const SyntheticSysfs&) = delete;
  SyntheticSysfs& operator=(const SyntheticSysfs&) = delete;
  ~SyntheticSysfs() { std::filesystem::remove_all(root_); }

  const std::filesystem::path& root() const { return root_; }

  void write(const std::filesystem::path& path, const std::string& text) const {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text << "\n";
  }

  void add_rdma(const std::string& device, const std::string& port, const std::string& link_layer,
                const std::string& state, const std::string& rate = "400 Gb/sec (4X NDR)") const {
    const std::filesystem::path folder = rdma_folder(device);
    write(folder / "fw_ver", "28.39.1002");
    write(folder / "board_id", "MT_0000000838");
    write(folder / "ports" / port / "rate", rate);
    write(folder / "ports" / port / "link_layer", link_layer);
    write(folder / "ports" / port / "state", state);
  }

  void add_interface(const std::string& name, const std::string& speed) const {
    write(interface_folder(name) / "speed", speed);
    write(interface_folder(name) / "operstate", "up");
  }

  void add_driver(const std::string& device, const std::string& driver) const {
    const std::filesystem::path folder = root_ / rdma_folder(device) / "device";
    std::filesystem::create_directories(folder);
    std::filesystem::create_directory_symlink("../../../bus/pci/drivers/" + driver, folder / "driver");
  }

  /// A PCI device at the end of `way`: host bridge, ports, its own address.
  void add_pci(const std::vector<std::string>& way, int numa_node, const std::string& vendor = "0x15b3",
               const std::string& pci_class = "0x020700") const {
    std::filesystem::path folder = "devices";
    for (const std::string& part : way) {
      folder /= part;
    }
    write(folder / "vendor", vendor);
    write(folder / "class", pci_class);
    write(folder / "numa_node", std::to_string(numa_node));
    link(std::filesystem::path("bus") / "pci" / "devices" / way.back(), folder);
  }

  void add_gpu(const std::vector<std::string>& way, int numa_node) const {
    add_pci(way, numa_node, "0x10de", "0x030200");
  }

  void add_nvswitch(const std::vector<std::string>& way, int numa_node) const {
    add_pci(way, numa_node, "0x10de", "0x068000");
  }

  /// Says which PCI device an RDMA device or a network interface is.
  void place_rdma(const std::string& device, const std::string& address) const {
    link(rdma_folder(device) / "device", pci_folder(address));
  }
  void place_interface(const std::string& name, const std::string& address) const {
    link(interface_folder(name) / "device", pci_folder(address));
  }

  void add_numa_node(int number, const std::string& cpus, const std::string& memory_kb) const {
    const std::string name = "node" + std::to_string(number);
    const std::filesystem::path folder = std::filesystem::path("devices") / "system" / "node" / name;
    write(folder / "cpulist", cpus);
    write(folder / "meminfo", "Node " + std::to_string(number) + " MemTotal:       " + memory_kb + " kB");
  }

 private:
  static std::filesystem::path rdma_folder(const std::string& device) {
    return std::filesystem::path("class") / "infiniband" / device;
  }
  static std::filesystem::path interface_folder(const std::string& name) {
    return std::filesystem::path("class") / "net" / name;
  }
  static std::filesystem::path pci_folder(const std::string& address) {
    return std::filesystem::path("bus") / "pci" / "devices" / address;
  }

  void link(const std::filesystem::path& from, const std::filesystem::path& to) const {
    std::filesystem::create_directories((root_ / from).parent_path());
    std::filesystem::create_directory_symlink(root_ / to, root_ / from);
  }

  std::filesystem::path root_;
};

}  // namespace hockney::topology
