#include "device.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include "error.hpp"
#include "fault.hpp"
#include "interface.hpp"

namespace hockney::gpu_double {
namespace {

thread_local int current = 0;

std::size_t environment_number(const char* name, std::size_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr || *text == '\0' ? otherwise : std::strtoull(text, nullptr, 10);
}

// As CUDA reads it: devices up to the first entry that names none.
std::vector<int> read_visible_devices() {
  const int devices = static_cast<int>(environment_number("HOCKNEY_DOUBLE_DEVICES", 8));
  std::vector<int> visible;
  const char* restriction = std::getenv("CUDA_VISIBLE_DEVICES");
  if (restriction == nullptr) {
    for (int device = 0; device < devices; ++device) {
      visible.push_back(device);
    }
    return visible;
  }
  std::string_view rest = restriction;
  while (!rest.empty()) {
    const std::string_view entry = rest.substr(0, rest.find(','));
    int device = -1;
    const auto [end, error] = std::from_chars(entry.data(), entry.data() + entry.size(), device);
    if (error != std::errc{} || end != entry.data() + entry.size() || device < 0 || device >= devices) {
      break;
    }
    visible.push_back(device);
    rest.remove_prefix(std::min(rest.size(), entry.size() + 1));
  }
  return visible;
}

const std::vector<int>& visible_devices() {
  static const auto& devices = *new std::vector<int>(read_visible_devices());
  return devices;
}

bool is_visible(int device) { return device >= 0 && device < static_cast<int>(visible_devices().size()); }

int physical(int device) { return visible_devices()[static_cast<std::size_t>(device)]; }

void describe(cudaDeviceProp& properties, int device) {
  properties = {};
  std::snprintf(properties.name, sizeof properties.name, "Emulated GPU (test double)");
  std::memcpy(properties.uuid.bytes, "hockney-double-", 15);
  properties.uuid.bytes[15] = static_cast<char>('0' + physical(device));
  properties.totalGlobalMem = memory_of_one_device();
  properties.l2CacheSize = 4 << 20;
  properties.major = 9;
  properties.multiProcessorCount = 4;
  properties.maxThreadsPerBlock = 1024;
  properties.warpSize = 32;
  properties.pciBusID = physical(device) + 1;
  properties.unifiedAddressing = 1;
  properties.canMapHostMemory = 1;
  properties.concurrentKernels = 1;
}

int attribute(cudaDeviceAttr name, int device) {
  cudaDeviceProp properties;
  describe(properties, device);
  switch (name) {
    case cudaDevAttrMultiProcessorCount:
      return properties.multiProcessorCount;
    case cudaDevAttrL2CacheSize:
      return properties.l2CacheSize;
    case cudaDevAttrComputeCapabilityMajor:
      return properties.major;
    case cudaDevAttrComputeCapabilityMinor:
      return properties.minor;
    case cudaDevAttrPciBusId:
      return properties.pciBusID;
    case cudaDevAttrMaxThreadsPerBlock:
      return properties.maxThreadsPerBlock;
    case cudaDevAttrCanMapHostMemory:
      return 1;
    default:
      return 0;
  }
}

cudaError_t check(int device) {
  if (const cudaError_t state = driver_state(); state != cudaSuccess) {
    return report(state);
  }
  return is_visible(device) ? cudaSuccess : report(cudaErrorInvalidDevice);
}

}  // namespace

cudaError_t driver_state() {
  switch (fault().kind) {
    case Fault::Kind::no_driver:
    case Fault::Kind::old_driver:
      return cudaErrorInsufficientDriver;
    case Fault::Kind::no_device:
      return cudaErrorNoDevice;
    default:
      return visible_devices().empty() ? cudaErrorNoDevice : cudaSuccess;
  }
}

int current_device() { return current; }

std::size_t memory_of_one_device() { return environment_number("HOCKNEY_DOUBLE_MEMORY", std::size_t{8} << 30); }

}  // namespace hockney::gpu_double

using namespace hockney::gpu_double;

extern "C" {

int hockney_cuda_test_double = 1;

int hockney_double_physical_device() { return physical(current); }

cudaError_t cudaGetDeviceCount(int* count) {
  const cudaError_t state = driver_state();
  *count = state == cudaSuccess ? static_cast<int>(visible_devices().size()) : 0;
  return report(state);
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  const cudaError_t state = check(device);
  if (state == cudaSuccess) {
    describe(*properties, device);
  }
  return state;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr name, int device) {
  const cudaError_t state = check(device);
  if (state == cudaSuccess) {
    *value = attribute(name, device);
  }
  return state;
}

cudaError_t cudaDeviceGetPCIBusId(char* text, int length, int device) {
  const cudaError_t state = check(device);
  if (state == cudaSuccess) {
    std::snprintf(text, static_cast<std::size_t>(length), "0000:%02X:00.0", physical(device) + 1);
  }
  return state;
}

cudaError_t cudaSetDevice(int device) {
  const cudaError_t state = check(device);
  if (state == cudaSuccess) {
    current = device;
  }
  return state;
}

cudaError_t cudaGetDevice(int* device) {
  *device = current;
  return report(driver_state());
}

// Without a driver the real function succeeds and says 0.
cudaError_t cudaDriverGetVersion(int* version) {
  const Fault::Kind kind = fault().kind;
  *version = kind == Fault::Kind::no_driver ? 0 : kind == Fault::Kind::old_driver ? 11040 : CUDART_VERSION;
  return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}
}
