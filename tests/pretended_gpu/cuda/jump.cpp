#include "jump.hpp"

#include <cstdio>
#include <cstring>
#include <cuda.h>
#include <cuda_runtime_api.h>
#include <mutex>
#include <sys/mman.h>

#if !defined(__x86_64__)
#error "jumps are written for x86-64 only"
#endif

namespace hockney::pretended_gpu {
namespace {

static_assert(static_cast<int>(cudaErrorNotSupported) == static_cast<int>(CUDA_ERROR_NOT_SUPPORTED));

int refuse(const char* name) {
  std::fprintf(stderr, "pretended GPU: NCCL calls %s, which is not pretended\n", name);
  return cudaErrorNotSupported;
}

constexpr std::size_t refusal_size = 10 + jump_size;
constexpr std::size_t chunk = std::size_t{1} << 16;

// Room for one more refusal; never given back
std::byte* room_for_refusal() {
  static std::mutex mutex;
  static std::byte* next = nullptr;
  static std::byte* end = nullptr;
  const std::lock_guard lock(mutex);
  if (next == nullptr || next + refusal_size > end) {
    void* got = ::mmap(nullptr, chunk, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    next = static_cast<std::byte*>(got);
    end = next + chunk;
  }
  std::byte* const room = next;
  next += refusal_size;
  return room;
}

}  // namespace

// movabs rax, target; jmp rax
std::byte* write_jump(std::byte* at, const void* target) {
  std::memcpy(at, "\x48\xb8", 2);
  std::memcpy(at + 2, &target, 8);
  std::memcpy(at + 10, "\xff\xe0", 2);
  return at + jump_size;
}

// movabs rdi, name; then the jump
const void* refusal_of(const char* name) {
  std::byte* const refusal = room_for_refusal();
  std::memcpy(refusal, "\x48\xbf", 2);
  std::memcpy(refusal + 2, &name, 8);
  write_jump(refusal + 10, reinterpret_cast<const void*>(&refuse));
  return refusal;
}

}  // namespace hockney::pretended_gpu
