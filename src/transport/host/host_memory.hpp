#pragma once

#include "transport/transport.hpp"

namespace hockney::transport::host {

/// Host memory aligned to pages, touched once so that no sample pays for page faults.
class HostMemory final : public Memory {
 public:
  /// Throws InputError when it cannot be allocated.
  explicit HostMemory(Bytes size);
  ~HostMemory() override;
  HostMemory(const HostMemory&) = delete;
  HostMemory& operator=(const HostMemory&) = delete;

  std::span<std::byte> bytes() override { return {data_, size_}; }

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// MemAvailable of /proc/meminfo, rounded down to MiB: an allocation beyond it succeeds, and then the kernel kills.
Bytes available_host_memory();

/// The CPU's last-level cache; 0 B when the system does not tell.
Bytes host_cache_size();

}  // namespace hockney::transport::host
