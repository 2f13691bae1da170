#include "cuda/device.hpp"

#include <array>
#include <cstdlib>
#include <dlfcn.h>
#include <fmt/format.h>

#include "base/error.hpp"
#include "cuda/error.hpp"

namespace hockney::cuda {
namespace {

void load_modules_eagerly() { ::setenv("CUDA_MODULE_LOADING", "EAGER", 0); }

std::string version_text(int version) { return fmt::format("{}.{}", version / 1000, version % 1000 / 10); }

int major_of(int version) { return version / 1000; }

int driver() {
  int version = 0;
  check(cudaDriverGetVersion(&version));
  return version;
}

int runtime() {
  int version = 0;
  check(cudaRuntimeGetVersion(&version));
  return version;
}

std::string uuid_text(const cudaUUID_t& uuid) {
  std::string text = "GPU-";
  for (std::size_t i = 0; i < sizeof(uuid.bytes); ++i) {
    const bool dash = i == 4 || i == 6 || i == 8 || i == 10;
    text += fmt::format("{}{:02x}", dash ? "-" : "", static_cast<unsigned char>(uuid.bytes[i]));
  }
  return text;
}

Device describe(int ordinal) {
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, ordinal));
  std::array<char, 32> bus{};
  check(cudaDeviceGetPCIBusId(bus.data(), static_cast<int>(bus.size()), ordinal));
  Device device;
  device.ordinal = ordinal;
  device.name = properties.name;
  device.uuid = uuid_text(properties.uuid);
  device.pci_bus_id = bus.data();
  device.compute_major = properties.major;
  device.compute_minor = properties.minor;
  device.memory = Bytes{properties.totalGlobalMem};
  device.l2_cache = Bytes{static_cast<std::uint64_t>(properties.l2CacheSize)};
  return device;
}

}  // namespace

std::string_view oldest_driver(int runtime) {
  switch (major_of(runtime)) {
    case 12:
      return "525";
    case 13:
      return "580";
    default:
      return "";
  }
}

std::string needs_of(int runtime) {
  const std::string_view driver = oldest_driver(runtime);
  return driver.empty() ? fmt::format("CUDA {}: an NVIDIA driver for it", version_text(runtime))
                        : fmt::format("CUDA {}: NVIDIA driver {} or newer", version_text(runtime), driver);
}

std::string why_no_devices(int driver, int runtime, const char* visible) {
  if (driver == 0) {
    return "no GPU: there is no NVIDIA driver on this host";
  }
  if (major_of(driver) < major_of(runtime)) {
    return fmt::format(
        "no GPU: the NVIDIA driver is too old: it is for CUDA {}, and this program is built with {} (or build it with "
        "an older CUDA Toolkit: docs/building.md)",
        version_text(driver), needs_of(runtime));
  }
  if (visible != nullptr) {
    return fmt::format("no GPU is visible: CUDA_VISIBLE_DEVICES is '{}'", visible);
  }
  return "no GPU is visible: the NVIDIA driver is there, but it finds none";
}

std::vector<Device> visible_devices() {
  load_modules_eagerly();
  int count = 0;
  const cudaError_t code = cudaGetDeviceCount(&count);
  const bool none = code == cudaErrorInsufficientDriver || code == cudaErrorNoDevice;
  if (none || (code == cudaSuccess && count == 0)) {
    cudaGetLastError();
    throw InputError(why_no_devices(driver(), runtime(), std::getenv("CUDA_VISIBLE_DEVICES")));
  }
  check(code);
  std::vector<Device> devices;
  for (int ordinal = 0; ordinal < count; ++ordinal) {
    devices.push_back(describe(ordinal));
  }
  return devices;
}

void use_device(const Device& device) {
  load_modules_eagerly();
  check(cudaSetDevice(device.ordinal));
  check(cudaFree(nullptr));  // before CUDA 12, setting a device did not create its context
}

Device choose_device(const std::vector<Device>& visible, int local_rank, int local_ranks, int devices_on_node,
                     bool share_gpu) {
  if (visible.empty()) {
    throw Failure("choose_device() without a visible GPU");
  }
  if (devices_on_node < local_ranks && !share_gpu) {
    throw InputError(
        fmt::format("{} ranks on this node, but only {} GPU{}; expected one GPU per rank, or --share-gpu "
                    "for a functional run",
                    local_ranks, devices_on_node, devices_on_node == 1 ? "" : "s"));
  }
  return visible[static_cast<std::size_t>(local_rank) % visible.size()];
}

Bytes free_memory() {
  std::size_t free = 0;
  std::size_t total = 0;
  check(cudaMemGetInfo(&free, &total));
  return Bytes{free};
}

std::string driver_version() { return version_text(driver()); }
std::string runtime_version() { return version_text(runtime()); }
std::string needs() { return needs_of(runtime()); }

bool is_emulated() { return ::dlsym(RTLD_DEFAULT, "hockney_cuda_test_double") != nullptr; }

}  // namespace hockney::cuda
