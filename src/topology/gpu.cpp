#include "topology/gpu.hpp"

#include <algorithm>

#include "topology/sysfs.hpp"

namespace hockney::topology {
namespace {

namespace fs = std::filesystem;

// Vendors and classes (the upper 16 bits of the class code) as the PCI ID repository lists them.
constexpr std::string_view nvidia = "0x10de";
constexpr std::string_view amd = "0x1002";
constexpr std::string_view vga_controller = "0x0300";
constexpr std::string_view controller_3d = "0x0302";
constexpr std::string_view other_bridge = "0x0680";
constexpr std::string_view accelerator = "0x1200";

bool is(const fs::path& device, std::string_view vendor, std::string_view pci_class) {
  return first_line(device / "vendor") == vendor && first_line(device / "class").starts_with(pci_class);
}

bool is_nvidia_gpu(const fs::path& device) {
  return is(device, nvidia, controller_3d) || is(device, nvidia, vga_controller);
}

std::vector<fs::path> pci_devices(const fs::path& sysfs) { return entries_of(sysfs / "bus" / "pci" / "devices"); }

}  // namespace

std::vector<Gpu> read_gpus(const fs::path& sysfs) {
  std::vector<Gpu> gpus;
  for (const fs::path& device : pci_devices(sysfs)) {
    const bool of_nvidia = is_nvidia_gpu(device);
    if (of_nvidia || is(device, amd, accelerator)) {
      Gpu gpu;
      gpu.pci = read_pci_device(device);
      gpu.name = of_nvidia ? "NVIDIA GPU" : "AMD GPU";
      gpus.push_back(gpu);
    }
  }
  return gpus;
}

int count_nvswitches(const fs::path& sysfs) {
  const auto devices = pci_devices(sysfs);
  return static_cast<int>(std::count_if(devices.begin(), devices.end(),
                                        [](const fs::path& device) { return is(device, nvidia, other_bridge); }));
}

}  // namespace hockney::topology
