#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace hockney::pretended_gpu {

/// Memory of a GPU or of a multicast object: a file in memory (memfd), which other processes can map. Pages that nobody
/// touches take no room.
class PhysicalMemory {
 public:
  /// Null when the system gives none.
  static std::shared_ptr<PhysicalMemory> create(std::size_t size, int device);
  /// Takes over the descriptor.
  static std::shared_ptr<PhysicalMemory> import(int file, int device);
  PhysicalMemory(int file, std::size_t size, int device) : file_(file), size_(size), device_(device) {}
  PhysicalMemory(const PhysicalMemory&) = delete;
  PhysicalMemory& operator=(const PhysicalMemory&) = delete;
  ~PhysicalMemory();

  int file() const { return file_; }
  std::size_t size() const { return size_; }
  int device() const { return device_; }

 private:
  int file_;
  std::size_t size_;
  int device_;
};

enum class Kind { cuda_malloc, virtual_memory, other_process, pinned_host };

/// Where memory is seen in this process.
struct Mapping {
  std::byte* begin = nullptr;
  std::size_t size = 0;
  Kind kind = Kind::cuda_malloc;
  std::shared_ptr<PhysicalMemory> memory;  ///< null for pinned_host
};

/// Maps the memory at `at`, or anywhere for null. Null when the system refuses.
std::byte* map(std::byte* at, std::size_t size, std::size_t offset, std::shared_ptr<PhysicalMemory> memory, Kind kind);
std::byte* map_pinned_host(std::size_t size);
/// Forgets the mapping that begins there; false when there is none. `keep_addresses`: they stay reserved.
bool unmap(std::byte* begin, bool keep_addresses);
/// The mapping that holds an address.
std::optional<Mapping> find_mapping(const void* address);
/// Sets memory to zero; of device memory, whole pages are given back instead, which costs nothing.
void clear(void* begin, std::size_t size);
/// Bytes of the device that are mapped in this process.
std::size_t mapped_bytes(int device);

}  // namespace hockney::pretended_gpu
