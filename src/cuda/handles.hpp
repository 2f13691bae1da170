#pragma once

#include <cstddef>
#include <cstdint>
#include <cuda_runtime_api.h>
#include <functional>
#include <span>

#include "base/bytes.hpp"
#include "base/seconds.hpp"
#include "base/unique_handle.hpp"

namespace hockney::cuda {

struct StreamTraits {
  using type = cudaStream_t;
  static type none() noexcept { return nullptr; }
  static void destroy(type stream) noexcept;
};
struct EventTraits {
  using type = cudaEvent_t;
  static type none() noexcept { return nullptr; }
  static void destroy(type event) noexcept;
};
struct GraphTraits {
  using type = cudaGraphExec_t;
  static type none() noexcept { return nullptr; }
  static void destroy(type graph) noexcept;
};

struct DeviceMemoryTraits {
  using type = std::byte*;
  static type none() noexcept { return nullptr; }
  static void destroy(type data) noexcept;
};

/// A stream that does not synchronise with the default stream.
class Stream {
 public:
  Stream();
  cudaStream_t get() const { return handle_.get(); }
  /// Waits until all that was queued is done. Blocks the host: for preparing and verifying, where nothing can hang.
  void synchronise() const;

 private:
  UniqueHandle<StreamTraits> handle_;
};

/// A timing event.
class Event {
 public:
  Event();
  void record(const Stream& stream);
  /// Whether the GPU has passed the event; true when it was never recorded.
  bool is_done() const;
  /// GPU time from `begin` to this event; both done. CUDA's resolution is about 0.5 us.
  Seconds since(const Event& begin) const;

 private:
  UniqueHandle<EventTraits> handle_;
};

/// Work that was captured once and is replayed with one launch.
class Graph {
 public:
  /// Captures what `work` queues on `stream` (cudaStreamCaptureModeThreadLocal).
  static Graph capture(const Stream& stream, const std::function<void()>& work);
  void launch(const Stream& stream) const;

 private:
  explicit Graph(cudaGraphExec_t graph) : handle_(graph) {}
  UniqueHandle<GraphTraits> handle_;
};

/// Memory of the current GPU from cudaMalloc, aligned to 256 B. Throws CannotRun naming the size when it is not there.
class DeviceBuffer {
 public:
  explicit DeviceBuffer(Bytes size);
  std::span<std::byte> bytes() const { return {data_.get(), size_}; }

 private:
  UniqueHandle<DeviceMemoryTraits> data_;
  std::size_t size_;
};

/// A 64-bit word in pinned host memory that the GPU reads and writes through a mapping.
class MappedWord {
 public:
  MappedWord();
  MappedWord(const MappedWord&) = delete;
  MappedWord& operator=(const MappedWord&) = delete;
  ~MappedWord();
  void store(std::uint64_t value);  ///< release: visible to the GPU
  std::uint64_t load() const;       ///< acquire
  std::uint64_t* device_pointer() const { return device_; }

 private:
  std::uint64_t* host_ = nullptr;
  std::uint64_t* device_ = nullptr;
};

/// Fills memory with one byte value, in stream order.
void fill_bytes(const Stream& stream, std::span<std::byte> buffer, int value);
/// The word at a device address once all that was queued before is done. Blocks the host.
std::uint64_t read_word(const Stream& stream, const std::uint64_t* device);
/// Copies between buffers in any memory, in stream order; ordinary host memory may be read or written late.
void copy(const Stream& stream, std::span<const std::byte> from, std::span<std::byte> to);

}  // namespace hockney::cuda
