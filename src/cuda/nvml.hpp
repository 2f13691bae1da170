#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "record/observation.hpp"
#include "vocabulary/fabric.hpp"

namespace hockney::cuda {

/// Where one NVLink of a GPU ends. Values of nvmlIntNvLinkDeviceType_t.
enum class LinkEnd : int { gpu = 0x00, npu = 0x01, nvswitch = 0x02, unknown = 0xFF };

/// One active NVLink of a GPU.
struct NvLink {
  LinkEnd end = LinkEnd::unknown;
  std::string remote;  ///< PCI address of what is at its other end, as NVML writes it: "00000000:0F:00.0"; may be empty
};

/// What connects a GPU to others of its node when these are its active NVLinks: nvswitch when all end in
/// switches, nvlink when all end in GPUs, pcie when there is none; unknown otherwise.
Fabric fabric_of(std::span<const NvLink> active_links);

/// NVIDIA's management library, loaded at run time (libnvidia-ml.so.1). Where it is not there, or refuses a question
/// (in a container, say), the answers are empty and unavailable() says why; nothing here throws.
class Nvml {
 public:
  explicit Nvml(const std::string& library = "libnvidia-ml.so.1");
  ~Nvml();
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;
  Nvml(Nvml&&) noexcept;
  Nvml& operator=(Nvml&&) = delete;

  /// Empty when NVML answers; else the reason, on one line.
  const std::string& unavailable() const;

  /// Clocks, temperature, power and throttle reasons of the GPU with this UUID now; zeros where not readable.
  DeviceState state(const std::string& uuid) const;

  /// What connects this GPU to others of its node: nvswitch when active NVLinks end in a switch, nvlink when they end
  /// in GPUs, pcie when none is active; unknown when NVML does not tell.
  Fabric intra_node_fabric(const std::string& uuid) const;

  /// Name of the GPU at a PCI address ("0000:07:00.0"): "NVIDIA H100 80GB HBM3"; empty where NVML does not tell.
  std::string name_at(const std::string& pci_address) const;

  /// Active NVLinks of the GPU at a PCI address; nothing where NVML does not tell.
  std::optional<std::vector<NvLink>> links_at(const std::string& pci_address) const;

  /// "580.65.06", or empty.
  std::string driver_version() const;

 private:
  struct Library;
  std::unique_ptr<Library> library_;
  std::string unavailable_;
};

}  // namespace hockney::cuda
