#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace hockney::cuda {

/// One GPU as the CUDA runtime describes it.
struct Device {
  int ordinal = 0;  ///< among those that CUDA_VISIBLE_DEVICES leaves
  std::string name;
  std::string uuid;        ///< "GPU-8f2c...", as nvidia-smi prints it
  std::string pci_bus_id;  ///< "0000:1B:00.0"
  int compute_major = 0;
  int compute_minor = 0;
  Bytes memory;
  Bytes l2_cache;
};

/// The GPUs that this process may use. Throws InputError with one clear line where there is no driver, the driver is
/// older than the CUDA runtime (both versions and the driver that it takes are named), or no GPU is visible
/// (CUDA_VISIBLE_DEVICES is named when it is set).
std::vector<Device> visible_devices();

/// The oldest NVIDIA driver under which programs of a CUDA runtime start, whatever its minor version: "580" for 13000,
/// "525" for 12090 (NVIDIA, CUDA Compatibility, table of minor version compatibility). Empty for other versions.
std::string_view oldest_driver(int runtime);

/// What a program of a CUDA runtime needs: "CUDA 13.0: NVIDIA driver 580 or newer".
std::string needs_of(int runtime);

/// Why the CUDA runtime finds no GPU, on one line. Versions as CUDA tells them (13000 for 13.0; `driver` 0: no driver);
/// `visible`: value of CUDA_VISIBLE_DEVICES, null when it is not set. A driver is too old when its major version is.
std::string why_no_devices(int driver, int runtime, const char* visible);

/// Makes a GPU current for the calling thread and creates its context. This and visible_devices() set
/// CUDA_MODULE_LOADING=EAGER before the first call into CUDA where the user has not set it: loading a module behind a
/// spinning gate would deadlock.
void use_device(const Device& device);

/// The GPU of one of the ranks of a node. With one visible GPU per rank (Slurm's binding) that one; otherwise the one
/// whose index is the local rank, counted round where a rank sees only some of the node's GPUs. Throws InputError when
/// there are fewer GPUs than local ranks, unless `share_gpu`: then they are dealt out in turn. `local_ranks`: ranks on
/// this node; `devices_on_node`: different GPUs (by UUID) that the ranks of this node see together.
Device choose_device(const std::vector<Device>& visible, int local_rank, int local_ranks, int devices_on_node,
                     bool share_gpu);

/// Memory that is free on the current GPU now.
Bytes free_memory();

/// "13.0": of the driver and of the runtime that the program runs with.
std::string driver_version();
std::string runtime_version();

/// needs_of() the runtime that the program runs with; asks no driver.
std::string needs();

/// Whether CUDA is the test double that lies in tests/ (it exports a marker symbol), so that no GPU is involved.
bool is_emulated();

}  // namespace hockney::cuda
