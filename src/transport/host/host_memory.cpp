#include "transport/host/host_memory.hpp"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <new>
#include <unistd.h>

#include "base/error.hpp"

namespace hockney::transport::host {
namespace {

constexpr std::align_val_t alignment{4096};

}  // namespace

HostMemory::HostMemory(Bytes size) : size_(size.count) {
  data_ = static_cast<std::byte*>(::operator new(std::max<std::size_t>(size_, 1), alignment, std::nothrow));
  if (data_ == nullptr) {
    throw InputError(
        fmt::format("out of memory: {} of host memory per buffer could not be allocated; choose smaller "
                    "sizes or fewer ranks",
                    to_string(size)));
  }
  std::memset(data_, 0, size_);
}

HostMemory::~HostMemory() { ::operator delete(data_, alignment); }

Bytes available_host_memory() {
  std::ifstream meminfo("/proc/meminfo");
  std::string key;
  for (std::uint64_t kibibytes_free = 0; meminfo >> key >> kibibytes_free; meminfo.ignore(99, '\n')) {
    if (key == "MemAvailable:") {
      return mebibytes(kibibytes_free >> 10U);
    }
  }
  return gibibytes(1ULL << 30U);  // not Linux: nothing is known, so nothing is refused
}

Bytes host_cache_size() {
  const long size = ::sysconf(_SC_LEVEL3_CACHE_SIZE);
  return {size > 0 ? static_cast<std::uint64_t>(size) : 0};
}

}  // namespace hockney::transport::host
