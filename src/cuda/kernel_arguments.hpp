#pragma once

#include <cstddef>
#include <cstdint>

#include "pattern/pattern.hpp"

/// The interface between the host and the kernels of kernels.cu. Every kernel is `extern "C"`, keeps its name, and
/// takes exactly one of these structs by value, so that a stand-in for CUDA can find the kernel by name and run it from
/// the bytes of its one argument. Pointers are device addresses. No CUDA syntax here.
namespace hockney::cuda {

/// hockney_fill_pattern_1, _2, _4, _8: element i of `data` becomes the low 8 * width bits of
/// table.bits[(table.phase + i) mod PatternTable::period], little-endian. The kernel's name says the width, and
/// table.width is the same. Any number of blocks of any size.
struct FillArguments {
  std::byte* data = nullptr;   ///< aligned to the width
  std::uint64_t elements = 0;  ///< not bytes
  pattern::PatternTable table;
};

/// hockney_count_wrong_1, _2, _4, _8: adds the number of elements that differ from the pattern to `*wrong`, atomically.
/// Any number of blocks of a whole number of warps each.
struct CountWrongArguments {
  const std::byte* data = nullptr;  ///< aligned to the width
  std::uint64_t elements = 0;
  std::uint64_t* wrong = nullptr;
  pattern::PatternTable table;
};

/// hockney_gate: spins until `*open` >= `ticket`, or until `timeout_ns` have passed on the GPU's clock (globaltimer);
/// then it writes gate_timed_out to `*timed_out`. Both words lie in mapped host memory. One block of one thread.
struct GateArguments {
  const std::uint64_t* open = nullptr;
  std::uint64_t ticket = 0;
  std::uint64_t* timed_out = nullptr;
  std::uint64_t timeout_ns = 0;
};

/// hockney_busy: every block spins for a time on the GPU's clock. Blocks of one thread.
struct BusyArguments {
  std::uint64_t duration_ns = 0;
};

/// hockney_globaltimer_step: reads the GPU's globaltimer `readings` times in a row and writes the smallest non-zero
/// difference of two readings to `*smallest_step_ns`; UINT64_MAX when it never changed. One block of one thread.
struct GlobaltimerStepArguments {
  std::uint64_t readings = 0;
  std::uint64_t* smallest_step_ns = nullptr;
};

}  // namespace hockney::cuda
