#include "ring.hpp"

#include <algorithm>
#include <cstring>

namespace hockney::gpu_double {

std::size_t Ring::push(std::span<const std::byte> data) {
  const std::uint64_t written = written_.load(std::memory_order_relaxed);
  const std::size_t room = capacity - (written - read_.load(std::memory_order_acquire));
  const std::size_t count = std::min(data.size(), room);
  const std::size_t begin = written % capacity;
  const std::size_t first = std::min(count, capacity - begin);
  if (count > 0) {
    std::memcpy(data_ + begin, data.data(), first);
    std::memcpy(data_, data.data() + first, count - first);
    written_.store(written + count, std::memory_order_release);
  }
  return count;
}

std::size_t Ring::pop(std::span<std::byte> data) {
  const std::uint64_t read = read_.load(std::memory_order_relaxed);
  const std::size_t filled = written_.load(std::memory_order_acquire) - read;
  const std::size_t count = std::min(data.size(), filled);
  const std::size_t begin = read % capacity;
  const std::size_t first = std::min(count, capacity - begin);
  if (count > 0) {
    std::memcpy(data.data(), data_ + begin, first);
    std::memcpy(data.data() + first, data_, count - first);
    read_.store(read + count, std::memory_order_release);
  }
  return count;
}

}  // namespace hockney::gpu_double
