#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace hockney::gpu_double {

/// Bytes from one process to one other, first in first out, in memory that both map. Starts as zeros.
class Ring {
 public:
  static constexpr std::size_t capacity = std::size_t{256} << 10;

  /// Bytes that went in: as many as there is room for.
  std::size_t push(std::span<const std::byte> data);
  /// Bytes that came out: as many as there are.
  std::size_t pop(std::span<std::byte> data);

 private:
  alignas(64) std::atomic<std::uint64_t> written_;
  alignas(64) std::atomic<std::uint64_t> read_;
  alignas(64) std::byte data_[capacity];
};

static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

}  // namespace hockney::gpu_double
