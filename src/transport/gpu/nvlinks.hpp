#pragma once

#include "topology/host_topology.hpp"

namespace hockney::transport::gpu {

/// Adds what NVML tells to what the kernel told: names and NVLinks of this host's GPUs, or why it does not tell.
void add_nvlinks(topology::HostTopology& host);

}  // namespace hockney::transport::gpu
