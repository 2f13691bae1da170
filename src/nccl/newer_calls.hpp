#pragma once

#include <cstddef>
#include <nccl.h>

#include "nccl/communicator.hpp"
#include "vocabulary/operation.hpp"

/// Calls that came after floor_version. They are looked up at run time, so that the program is built and loads with an
/// older NCCL, too.
namespace hockney::nccl {

/// The function of that name in the loaded NCCL; null where it has none.
void* find_call(const char* name);

/// Queues one operation of equal blocks of `count` elements by NCCL's own call (2.28 on; nccl.h there): ncclAlltoAll,
/// ncclGather or ncclScatter with rank 0 as root. NCCL makes sends and receives of it, too, and copies by copy engine
/// where buffers are symmetric windows and NCCL_CTA_POLICY asks for it (ncclCeImplemented in src/ce_coll.cc of 2.28).
/// Throws CannotRun where this NCCL has no such call, Failure for any other operation.
void queue_native(Operation operation, const void* send, void* receive, std::size_t count, ncclDataType_t type,
                  const Communicator& communicator, cudaStream_t stream);

}  // namespace hockney::nccl
