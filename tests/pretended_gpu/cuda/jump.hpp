#pragma once

#include <cstddef>

namespace hockney::pretended_gpu {

inline constexpr std::size_t jump_size = 12;

/// Writes machine code that goes to `target` and returns what follows it. Changes the register rax.
std::byte* write_jump(std::byte* at, const void* target);

/// A function that says on stderr that NCCL calls `name`, which is not pretended, and returns the error "not supported"
/// of the runtime and of the driver. `name` lives as long as the process.
const void* refusal_of(const char* name);

}  // namespace hockney::pretended_gpu
