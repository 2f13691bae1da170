#include "memory.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hockney::pretended_gpu {
namespace {

struct Mappings {
  std::mutex mutex;
  std::map<std::byte*, Mapping> by_begin;
};

Mappings& mappings() {
  static Mappings& all = *new Mappings;
  return all;
}

std::byte* remember(Mapping mapping) {
  Mappings& all = mappings();
  const std::lock_guard lock(all.mutex);
  std::byte* const begin = mapping.begin;
  all.by_begin.insert_or_assign(begin, std::move(mapping));
  return begin;
}

}  // namespace

std::shared_ptr<PhysicalMemory> PhysicalMemory::create(std::size_t size, int device) {
  const int file = ::memfd_create("pretended GPU memory", MFD_CLOEXEC);
  if (file < 0 || ::ftruncate(file, static_cast<off_t>(size)) != 0) {
    return nullptr;
  }
  return std::make_shared<PhysicalMemory>(file, size, device);
}

std::shared_ptr<PhysicalMemory> PhysicalMemory::import(int file, int device) {
  struct stat status {};
  if (file < 0 || ::fstat(file, &status) != 0) {
    return nullptr;
  }
  return std::make_shared<PhysicalMemory>(file, static_cast<std::size_t>(status.st_size), device);
}

PhysicalMemory::~PhysicalMemory() { ::close(file_); }

std::byte* map(std::byte* at, std::size_t size, std::size_t offset, std::shared_ptr<PhysicalMemory> memory, Kind kind) {
  void* got = ::mmap(at, size, PROT_READ | PROT_WRITE, MAP_SHARED | (at != nullptr ? MAP_FIXED : 0), memory->file(),
                     static_cast<off_t>(offset));
  return got == MAP_FAILED ? nullptr : remember({static_cast<std::byte*>(got), size, kind, std::move(memory)});
}

std::byte* map_pinned_host(std::size_t size) {
  void* got = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return got == MAP_FAILED ? nullptr : remember({static_cast<std::byte*>(got), size, Kind::pinned_host, nullptr});
}

bool unmap(std::byte* begin, bool keep_addresses) {
  Mappings& all = mappings();
  const std::lock_guard lock(all.mutex);
  const auto found = all.by_begin.find(begin);
  if (found == all.by_begin.end()) {
    return false;
  }
  if (keep_addresses) {
    ::mmap(begin, found->second.size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  } else {
    ::munmap(begin, found->second.size);
  }
  all.by_begin.erase(found);
  return true;
}

std::optional<Mapping> find_mapping(const void* address) {
  auto* const at = static_cast<std::byte*>(const_cast<void*>(address));
  Mappings& all = mappings();
  const std::lock_guard lock(all.mutex);
  const auto after = all.by_begin.upper_bound(at);
  if (after == all.by_begin.begin()) {
    return std::nullopt;
  }
  const Mapping& mapping = std::prev(after)->second;
  return at < mapping.begin + mapping.size ? std::optional(mapping) : std::nullopt;
}

void clear(void* begin, std::size_t size) {
  constexpr std::size_t page = 4096;
  auto* const from = static_cast<std::byte*>(begin);
  const std::size_t before = std::min(size, (page - reinterpret_cast<std::uintptr_t>(from) % page) % page);
  const std::size_t pages = (size - before) / page * page;
  const auto mapping = find_mapping(begin);
  if (!mapping || !mapping->memory || ::madvise(from + before, pages, MADV_REMOVE) != 0) {
    std::memset(begin, 0, size);
    return;
  }
  std::memset(from, 0, before);
  std::memset(from + before + pages, 0, size - before - pages);
}

std::size_t mapped_bytes(int device) {
  Mappings& all = mappings();
  const std::lock_guard lock(all.mutex);
  std::size_t sum = 0;
  for (const auto& [begin, mapping] : all.by_begin) {
    const bool own = mapping.kind == Kind::cuda_malloc || mapping.kind == Kind::virtual_memory;
    sum += own && mapping.memory->device() == device ? mapping.size : 0;
  }
  return sum;
}

}  // namespace hockney::pretended_gpu
