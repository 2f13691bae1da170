#pragma once

#include <cstddef>
#include <vector>

#include "call.hpp"

namespace hockney::gpu_double {

/// The buffers of captured calls are held until the graph ends: NCCL registers them while it captures, and undoes that
/// with the graph. Thread-safe.
void hold(const std::vector<Call>& captured);
void let_go(const std::vector<Call>& captured);

/// Whether a captured call has a buffer that begins in these bytes.
bool is_held(const void* data, std::size_t bytes);

}  // namespace hockney::gpu_double
