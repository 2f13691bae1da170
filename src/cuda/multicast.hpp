#pragma once

#include "base/bytes.hpp"

namespace hockney::cuda {

/// The step that the driver recommends for memory that `gpus` GPUs reach through the NVLink switch as one
/// (cuMulticastGetGranularity). 0 B where the GPU or the driver has no such memory, where CUDA was older than 12.1 when
/// this was built, and on the test double.
Bytes recommended_multicast_step(int device_ordinal, int gpus);

}  // namespace hockney::cuda
