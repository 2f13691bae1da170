#pragma once

#include "communicator.hpp"

namespace hockney::gpu_double {

/// Takes one call of NCCL's interface: into the open group of this thread, or, without one, as a group of its own.
ncclResult_t take(ncclComm_t handle, const Call& call, cudaStream_t stream);

/// The communicator, when it may be used now; else null and `result` says why.
std::shared_ptr<Communicator> ready_communicator(ncclComm_t handle, ncclResult_t& result);

}  // namespace hockney::gpu_double
