#pragma once

#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "plan/case.hpp"

namespace hockney::transport::gpu {

/// What decides whether a case can run on the GPUs of this launch.
struct GpuAbilities {
  int nccl_version = 0;        ///< e.g. 22809
  int compute_capability = 0;  ///< e.g. 90
  Bytes usable_memory;         ///< per rank
  Bytes cache_size;            ///< L2
  Bytes allocation_step{};     ///< ncclMemAlloc takes whole multiples; 0 B: not known
  bool forces_network = false;
  bool shares_gpu =
      false;  ///< functional run: NCCL takes ranks of one GPU for different hosts, or never leaves the GPU
};

/// Why a case cannot run over NCCL here, on one line; nothing when it can. Throws InputError for pins that NCCL does
/// not know.
std::optional<std::string> why_not_on_gpu(const Case& point, const GpuAbilities& abilities);

/// memory_per_rank() with what ncclMemAlloc rounds up, for the buffers that come from it.
Bytes memory_on_gpu(const Case& point, const GpuAbilities& abilities);

/// Kernels that a sample queues before its gate opens: one per operation, and per message of a pipeline.
std::uint64_t queued_kernels(const Case& point);

}  // namespace hockney::transport::gpu
