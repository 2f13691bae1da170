#include <array>
#include <cstdio>
#include <cstring>

#include "fault.hpp"
#include "machine.hpp"

// The part of NVML that NCCL and Hockney ask for. Names, numbers and layouts after nvml.h (PyPI: nvidia-nvml-dev),
// which not every CUDA Toolkit has.

namespace {

using hockney::pretended_gpu::device_at;
using hockney::pretended_gpu::gpus_per_node;
using hockney::pretended_gpu::machine;

using Device = void*;  // nvmlDevice_t
using Result = int;    // nvmlReturn_t
constexpr Result success = 0;
constexpr Result invalid_argument = 2;
constexpr Result not_found = 6;
constexpr Result not_supported = 3;
constexpr int link_to_switch = 2;                                             // NVML_NVLINK_DEVICE_TYPE_SWITCH
constexpr unsigned state_of_link = 165;                                       // NVML_FI_DEV_NVLINK_GET_STATE
constexpr int p2p_ok = 0;                                                     // NVML_P2P_STATUS_OK
constexpr int p2p_disabled = 4;                                               // NVML_P2P_STATUS_DISABLED_BY_REGKEY
constexpr int unsigned_value = 1;                                             // NVML_VALUE_TYPE_UNSIGNED_INT
constexpr const char* uuid_start = "GPU-70726574-656e-6465-642d-6770752d30";  // "pretended-gpu-0", then a digit

struct PciInfo {  // nvmlPciInfo_t
  char bus_id_legacy[16];
  unsigned domain;
  unsigned bus;
  unsigned device;
  unsigned pci_device_id;
  unsigned pci_subsystem_id;
  char bus_id[32];
};

struct FieldValue {  // nvmlFieldValue_t
  unsigned field;
  unsigned link;
  long long timestamp;
  long long latency;
  int type;
  Result result;
  union {
    unsigned as_unsigned;
    unsigned long long as_long;
  } value;
};

Device handle_of(int device) { return reinterpret_cast<Device>(static_cast<std::size_t>(device + 1)); }
int index_of(Device handle) { return static_cast<int>(reinterpret_cast<std::size_t>(handle)) - 1; }

Result give(Device* handle, int device) {
  *handle = handle_of(device);
  return device >= 0 && device < gpus_per_node ? success : not_found;
}

}  // namespace

extern "C" {

Result nvmlInit_v2() { return success; }
Result nvmlShutdown() { return success; }
const char* nvmlErrorString(Result code) { return code == success ? "Success" : "pretended NVML: refused"; }

Result nvmlSystemGetDriverVersion(char* version, unsigned size) {
  std::snprintf(version, size, "pretended");
  return success;
}

Result nvmlDeviceGetCount_v2(unsigned* count) {
  *count = gpus_per_node;
  return success;
}

Result nvmlDeviceGetHandleByIndex_v2(unsigned index, Device* handle) { return give(handle, static_cast<int>(index)); }
Result nvmlDeviceGetHandleByPciBusId_v2(const char* address, Device* handle) {
  return give(handle, device_at(address));
}

Result nvmlDeviceGetHandleByUUID(const char* uuid, Device* handle) {
  const std::size_t common = std::strlen(uuid_start);
  if (std::strncmp(uuid, uuid_start, common) != 0 || std::strlen(uuid) != common + 2) {
    return not_found;
  }
  return give(handle, uuid[common + 1] - '0');
}

Result nvmlDeviceGetIndex(Device handle, unsigned* index) {
  *index = static_cast<unsigned>(index_of(handle));
  return success;
}

Result nvmlDeviceGetCudaComputeCapability(Device, int* major, int* minor) {
  *major = machine().compute_major;
  *minor = machine().compute_minor;
  return success;
}

Result nvmlDeviceGetP2PStatus(Device one, Device other, int, int* status) {
  *status = hockney::pretended_gpu::has_p2p(index_of(one), index_of(other)) ? p2p_ok : p2p_disabled;
  return success;
}

Result nvmlDeviceGetNvLinkState(Device, unsigned link, int* active) {
  *active = 1;
  return link < machine().nvlinks ? success : invalid_argument;
}

// How NCCL asks for the state of a link from compute capability 9.0 on
Result nvmlDeviceGetFieldValues(Device, int count, FieldValue* values) {
  for (int i = 0; i < count; ++i) {
    FieldValue& one = values[i];
    one.type = unsigned_value;
    one.value.as_long = one.link < machine().nvlinks ? 1 : 0;
    one.result = one.field == state_of_link ? success : not_supported;
  }
  return success;
}

Result nvmlDeviceGetNvLinkVersion(Device, unsigned link, unsigned* version) {
  *version = machine().nvlink_version;
  return link < machine().nvlinks ? success : invalid_argument;
}

Result nvmlDeviceGetNvLinkCapability(Device, unsigned link, int, unsigned* able) {
  *able = 1;
  return link < machine().nvlinks ? success : invalid_argument;
}

Result nvmlDeviceGetNvLinkRemoteDeviceType(Device, unsigned link, int* type) {
  *type = link_to_switch;
  return link < machine().nvlinks ? success : invalid_argument;
}

// The switches have addresses that sysfs does not know, as in a virtual machine: NCCL takes such an end for a switch.
Result nvmlDeviceGetNvLinkRemotePciInfo_v2(Device, unsigned link, PciInfo* info) {
  constexpr unsigned switches = 6;
  *info = {};
  info->domain = 0xffff;
  info->bus = link % switches;
  std::snprintf(info->bus_id, sizeof info->bus_id, "0000FFFF:%02X:00.0", info->bus);
  std::snprintf(info->bus_id_legacy, sizeof info->bus_id_legacy, "FFFF:%02X:00.0", info->bus);
  return link < machine().nvlinks ? success : invalid_argument;
}

// The names without a version, which NCCL asks for
Result nvmlInit() { return success; }
Result nvmlDeviceGetCount(unsigned* count) { return nvmlDeviceGetCount_v2(count); }
Result nvmlDeviceGetHandleByIndex(unsigned index, Device* handle) {
  return nvmlDeviceGetHandleByIndex_v2(index, handle);
}
Result nvmlDeviceGetHandleByPciBusId(const char* address, Device* handle) {
  return nvmlDeviceGetHandleByPciBusId_v2(address, handle);
}
Result nvmlDeviceGetNvLinkRemotePciInfo(Device handle, unsigned link, PciInfo* info) {
  return nvmlDeviceGetNvLinkRemotePciInfo_v2(handle, link, info);
}
}
