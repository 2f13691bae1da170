#include "machine.hpp"

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <strings.h>

namespace hockney::pretended_gpu {
namespace {

constexpr std::size_t gib = std::size_t{1} << 30;

// Facts of the data sheets; PCI addresses as DGX A100 and HGX H100 systems have them.
constexpr Machine dgx_a100{
    .gpu_name = "Pretended A100",
    .compute_major = 8,
    .compute_minor = 0,
    .multiprocessors = 108,
    .memory = 80 * gib,
    .l2_cache = 40 << 20,
    .nvlinks = 12,
    .nvlink_version = 5,
    .multicast = false,
    .port_speed = 64,
    .gpus = {"0000:07:00.0", "0000:0f:00.0", "0000:47:00.0", "0000:4e:00.0", "0000:87:00.0", "0000:90:00.0",
             "0000:b7:00.0", "0000:bd:00.0"},
};

constexpr Machine hgx_h100{
    .gpu_name = "Pretended H100",
    .compute_major = 9,
    .compute_minor = 0,
    .multiprocessors = 132,
    .memory = 80 * gib,
    .l2_cache = 50 << 20,
    .nvlinks = 18,
    .nvlink_version = 7,
    .multicast = true,
    .port_speed = 128,
    .gpus = {"0000:1b:00.0", "0000:43:00.0", "0000:52:00.0", "0000:61:00.0", "0000:9d:00.0", "0000:c3:00.0",
             "0000:d1:00.0", "0000:df:00.0"},
};

const Machine& chosen() {
  const char* name = std::getenv("HOCKNEY_PRETENDED_MACHINE");
  const std::string_view text = name == nullptr ? "" : name;
  if (text == "a100") {
    return dgx_a100;
  }
  if (text == "h100") {
    return hgx_h100;
  }
  std::fprintf(stderr, "HOCKNEY_PRETENDED_MACHINE is '%.*s'; expected a100 or h100\n", static_cast<int>(text.size()),
               text.data());
  std::abort();
}

}  // namespace

const Machine& machine() {
  static const Machine& the_machine = chosen();
  return the_machine;
}

int device_at(const char* pci_address) {
  // NVML writes the domain with eight digits, CUDA with four
  const std::string_view text = pci_address;
  const std::string_view address = text.size() > 12 ? text.substr(text.size() - 12) : text;
  for (int device = 0; device < gpus_per_node; ++device) {
    if (::strncasecmp(machine().gpus[static_cast<std::size_t>(device)], address.data(), address.size()) == 0) {
      return device;
    }
  }
  return -1;
}

}  // namespace hockney::pretended_gpu
