#pragma once

namespace hockney::gpu_double {

/// The NCCL that this one pretends to be, e.g. 22707: HOCKNEY_DOUBLE_NCCL_VERSION, else that of the header. It decides
/// what debug lines and profiler events tell, and nothing else.
int pretended_version();

}  // namespace hockney::gpu_double
