#pragma once

#include <cstdint>
#include <span>

#include "base/seconds.hpp"
#include "cuda/handles.hpp"
#include "pattern/pattern.hpp"

/// The project's own kernels, all in kernels.cu; each is queued on a stream and returns at once.
namespace hockney::cuda {

/// Writes a pattern. `buffer` is device memory, aligned to the element's width, a whole number of elements.
void fill_pattern(const Stream& stream, std::span<std::byte> buffer, const pattern::PatternTable& table);

/// Adds the number of elements that differ from the pattern, bit for bit, to `*wrong` (device memory).
void count_wrong(const Stream& stream, std::span<const std::byte> buffer, const pattern::PatternTable& table,
                 std::uint64_t* wrong);

/// What a gate kernel leaves in its second word when it opened by itself.
inline constexpr std::uint64_t gate_timed_out = 1;

/// A gate: what is queued behind it waits until `open` holds `ticket` or more (written by the host, so that no reset is
/// needed between samples), or until `timeout` has passed on the GPU's own clock; then it writes gate_timed_out to
/// `timed_out` and lets everything through. One thread; it occupies one SM while it spins.
void queue_gate(const Stream& stream, const MappedWord& open, std::uint64_t ticket, const MappedWord& timed_out,
                Seconds timeout);

/// Keeps one SM per block busy for a time on the GPU's own clock: stands for compute.
void queue_busy(const Stream& stream, Seconds duration, int blocks = 1);

/// Smallest non-zero step of the GPU's globaltimer over 10^6 readings.
Seconds measure_globaltimer_step(const Stream& stream);

}  // namespace hockney::cuda
