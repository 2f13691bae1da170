#pragma once

#include <string>

#include "call.hpp"
#include "tuning.hpp"

namespace hockney::gpu_double {

enum class Subsystem { init, tuning };

/// Whether NCCL_DEBUG and NCCL_DEBUG_SUBSYS ask for lines of this kind.
bool is_logged(Subsystem subsystem);

/// "HOST:PID:TID [DEVICE] NCCL INFO <text>" into NCCL_DEBUG_FILE (%h, %p), or to stdout.
void log_line(Subsystem subsystem, const std::string& text);

/// "Channel 00/0 : 0[0] -> 1[1] via P2P/CUMEM/read" and its like for a connection that this rank sends or receives on;
/// `connection` is 0 for collectives, 1 for sends and receives.
void log_connection(const Segment& segment, int from, int to, int connection, int rank);

/// "AllReduce: 1024 Bytes -> Algo RING proto LL channel{Lo..Hi}={0..1}"
void log_choice(const Call& call, int ranks, const Choice& choice);

/// "AllReduce [Symmetric]: 1024 Bytes -> Kernel AllReduce_AGxLL_R nchannels 2 nthreads 512 nWorks 1"; in 2.27
/// without the works.
void log_symmetric(const Call& call, int ranks);

}  // namespace hockney::gpu_double
