#include "cuda/nvml.hpp"

#include <algorithm>
#include <cstring>
#include <dlfcn.h>
#include <fmt/format.h>
#include <optional>
#include <utility>
#include <vector>

namespace hockney::cuda {
namespace {

// The part of NVML's interface that is used here, after NVIDIA's NVML API Reference Guide (docs.nvidia.com/deploy/
// nvml-api). Values and signatures are fixed for all versions of the library.
using Device = void*;  // nvmlDevice_t
using Result = int;    // nvmlReturn_t
constexpr Result success = 0;
constexpr Result invalid_argument = 2;
constexpr Result not_supported = 3;
constexpr int clock_sm = 1;            // NVML_CLOCK_SM
constexpr int clock_memory = 2;        // NVML_CLOCK_MEM
constexpr int sensor_gpu = 0;          // NVML_TEMPERATURE_GPU
constexpr int feature_enabled = 1;     // NVML_FEATURE_ENABLED
constexpr unsigned most_links = 18;    // NVML_NVLINK_MAX_LINKS
constexpr unsigned version_size = 80;  // NVML_SYSTEM_DRIVER_VERSION_BUFFER_SIZE
constexpr unsigned name_size = 96;     // NVML_DEVICE_NAME_V2_BUFFER_SIZE

struct PciInfo {  // nvmlPciInfo_t
  char bus_id_legacy[16];
  unsigned domain, bus, device, pci_device_id, pci_subsystem_id;
  char bus_id[32];
};

struct CloseLibrary {
  void operator()(void* library) const { ::dlclose(library); }
};

}  // namespace

struct Nvml::Library {
  std::unique_ptr<void, CloseLibrary> handle;
  Result (*init)() = nullptr;
  Result (*shutdown)() = nullptr;
  const char* (*error_text)(Result) = nullptr;
  Result (*device_by_uuid)(const char*, Device*) = nullptr;
  Result (*clock)(Device, int, unsigned*) = nullptr;
  Result (*temperature)(Device, int, unsigned*) = nullptr;
  Result (*power)(Device, unsigned*) = nullptr;
  Result (*reasons)(Device, unsigned long long*) = nullptr;
  Result (*link_state)(Device, unsigned, int*) = nullptr;
  Result (*link_end)(Device, unsigned, int*) = nullptr;
  Result (*link_remote)(Device, unsigned, PciInfo*) = nullptr;
  Result (*device_by_address)(const char*, Device*) = nullptr;
  Result (*device_name)(Device, char*, unsigned) = nullptr;
  Result (*system_driver_version)(char*, unsigned) = nullptr;

  template <class Function>
  void find(Function& function, const char* name, const char* older_name = nullptr) {
    void* symbol = ::dlsym(handle.get(), name);
    if (symbol == nullptr && older_name != nullptr) {
      symbol = ::dlsym(handle.get(), older_name);
    }
    function = reinterpret_cast<Function>(symbol);
  }

  void find_all() {
    find(init, "nvmlInit_v2");
    find(shutdown, "nvmlShutdown");
    find(error_text, "nvmlErrorString");
    find(device_by_uuid, "nvmlDeviceGetHandleByUUID");
    find(clock, "nvmlDeviceGetClockInfo");
    find(temperature, "nvmlDeviceGetTemperature");
    find(power, "nvmlDeviceGetPowerUsage");
    find(reasons, "nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons");
    find(link_state, "nvmlDeviceGetNvLinkState");
    find(link_end, "nvmlDeviceGetNvLinkRemoteDeviceType");
    find(link_remote, "nvmlDeviceGetNvLinkRemotePciInfo_v2");
    find(device_by_address, "nvmlDeviceGetHandleByPciBusId_v2");
    find(device_name, "nvmlDeviceGetName");
    find(system_driver_version, "nvmlSystemGetDriverVersion");
  }

  std::string text_of(Result code) const {
    return error_text != nullptr ? error_text(code) : fmt::format("NVML error {}", code);
  }

  using Find = Result (*)(const char*, Device*);
  static std::optional<Device> device(Find find, const std::string& key) {
    Device found = nullptr;
    const bool known = find != nullptr && find(key.c_str(), &found) == success;
    return known ? std::optional(found) : std::nullopt;
  }

  // the answer of one of NVML's questions about a number; 0 where it is not answered
  template <class Number, class Function, class... Arguments>
  static Number ask(Function function, Arguments... arguments) {
    Number number = 0;
    return function != nullptr && function(arguments..., &number) == success ? number : 0;
  }

  NvLink describe_link(Device device, unsigned link) const {
    NvLink described;
    int end = 0;
    if (link_end(device, link, &end) == success) {
      described.end = static_cast<LinkEnd>(end);
    }
    PciInfo remote{};
    if (link_remote != nullptr && link_remote(device, link, &remote) == success) {
      described.remote.assign(remote.bus_id, ::strnlen(remote.bus_id, sizeof remote.bus_id));
    }
    return described;
  }

  // Nothing when NVML does not tell
  std::optional<std::vector<NvLink>> active_links(Device device) const {
    if (link_state == nullptr || link_end == nullptr) {
      return std::nullopt;
    }
    std::vector<NvLink> links;
    for (unsigned link = 0; link < most_links; ++link) {
      int state = 0;
      const Result code = link_state(device, link, &state);
      if (code == not_supported || code == invalid_argument) {
        continue;  // this GPU has no such link
      }
      if (code != success) {
        return std::nullopt;
      }
      if (state == feature_enabled) {
        links.push_back(describe_link(device, link));
      }
    }
    return links;
  }
};

Fabric fabric_of(std::span<const NvLink> active_links) {
  const auto all = [&](LinkEnd end) {
    return std::all_of(active_links.begin(), active_links.end(), [&](const NvLink& link) { return link.end == end; });
  };
  if (active_links.empty()) {
    return Fabric::pcie;
  }
  if (all(LinkEnd::nvswitch)) {
    return Fabric::nvswitch;
  }
  return all(LinkEnd::gpu) ? Fabric::nvlink : Fabric::unknown;
}

Nvml::Nvml(const std::string& library) {
  auto loaded = std::make_unique<Library>();
  loaded->handle.reset(::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL));
  if (loaded->handle == nullptr) {
    unavailable_ = fmt::format("NVML is not there: {}", ::dlerror());
    return;
  }
  loaded->find_all();
  if (loaded->init == nullptr || loaded->shutdown == nullptr) {
    unavailable_ = fmt::format("{} is not NVML: it has no nvmlInit_v2", library);
    return;
  }
  const Result code = loaded->init();
  if (code != success) {
    unavailable_ = fmt::format("NVML does not start: {}", loaded->text_of(code));
    return;
  }
  library_ = std::move(loaded);
}

Nvml::~Nvml() {
  if (library_ != nullptr) {
    library_->shutdown();
  }
}

Nvml::Nvml(Nvml&&) noexcept = default;

const std::string& Nvml::unavailable() const { return unavailable_; }

DeviceState Nvml::state(const std::string& uuid) const {
  DeviceState state;
  const auto device = library_ != nullptr ? Library::device(library_->device_by_uuid, uuid) : std::nullopt;
  if (device) {
    state.sm_clock_mhz = Library::ask<unsigned>(library_->clock, *device, clock_sm);
    state.memory_clock_mhz = Library::ask<unsigned>(library_->clock, *device, clock_memory);
    state.temperature_celsius = Library::ask<unsigned>(library_->temperature, *device, sensor_gpu);
    state.power_watt = Library::ask<unsigned>(library_->power, *device) / 1000.0;
    state.throttle_reasons = Library::ask<unsigned long long>(library_->reasons, *device);
  }
  return state;
}

Fabric Nvml::intra_node_fabric(const std::string& uuid) const {
  const auto device = library_ != nullptr ? Library::device(library_->device_by_uuid, uuid) : std::nullopt;
  const auto links = device ? library_->active_links(*device) : std::nullopt;
  return links ? fabric_of(*links) : Fabric::unknown;
}

std::string Nvml::name_at(const std::string& pci_address) const {
  const auto device = library_ != nullptr ? Library::device(library_->device_by_address, pci_address) : std::nullopt;
  std::string name(name_size, '\0');
  const bool told =
      device && library_->device_name != nullptr && library_->device_name(*device, name.data(), name_size) == success;
  return told ? name.substr(0, name.find('\0')) : std::string{};
}

std::optional<std::vector<NvLink>> Nvml::links_at(const std::string& pci_address) const {
  const auto device = library_ != nullptr ? Library::device(library_->device_by_address, pci_address) : std::nullopt;
  return device ? library_->active_links(*device) : std::nullopt;
}

std::string Nvml::driver_version() const {
  std::string version(version_size, '\0');
  const bool told = library_ != nullptr && library_->system_driver_version != nullptr &&
                    library_->system_driver_version(version.data(), version_size) == success;
  return told ? version.substr(0, version.find('\0')) : std::string{};
}

}  // namespace hockney::cuda
