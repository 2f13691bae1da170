#pragma once

#include <array>
#include <cstddef>

namespace hockney::pretended_gpu {

inline constexpr int gpus_per_node = 8;
inline constexpr int adapters_per_node = 8;

/// The node that all libraries of this folder pretend: `HOCKNEY_PRETENDED_MACHINE` is a100 or h100. Addresses agree
/// with machines/dgx_a100.xml and machines/hgx_h100.xml.
struct Machine {
  const char* gpu_name;
  int compute_major;
  int compute_minor;
  int multiprocessors;
  std::size_t memory;                           ///< bytes of one GPU
  int l2_cache;                                 ///< bytes
  unsigned nvlinks;                             ///< of one GPU, all to NVSwitches
  unsigned nvlink_version;                      ///< as NVML counts it: 5 is the A100's, 7 the H100's
  bool multicast;                               ///< NVSwitches that reduce: NVLS
  unsigned char port_speed;                     ///< of an adapter, in ibv_port_attr's code for one lane
  std::array<const char*, gpus_per_node> gpus;  ///< PCI addresses, "0000:07:00.0"
};

/// Of this process, read once. A name that is not known ends the process.
const Machine& machine();

/// Device at a PCI address, in small or capital letters, or -1.
int device_at(const char* pci_address);

}  // namespace hockney::pretended_gpu
