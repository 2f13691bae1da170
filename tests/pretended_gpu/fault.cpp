#include "fault.hpp"

#include <cstdio>
#include <cstdlib>

namespace hockney::pretended_gpu {
namespace {

[[noreturn]] void refuse(const char* name, const char* text, const char* expected) {
  std::fprintf(stderr, "%s is '%s'; expected %s\n", name, text, expected);
  std::abort();
}

}  // namespace

bool has_p2p(int device, int peer) {
  constexpr const char* name = "HOCKNEY_PRETENDED_NO_P2P";
  const char* text = std::getenv(name);
  if (text == nullptr) {
    return true;
  }
  int one = 0;
  int other = 0;
  if (std::sscanf(text, "%d-%d", &one, &other) != 2) {
    refuse(name, text, "two GPUs, as 0-1");
  }
  return !(device == one && peer == other) && !(device == other && peer == one);
}

bool has_adapter(int adapter) {
  constexpr const char* name = "HOCKNEY_PRETENDED_MISSING_ADAPTER";
  const char* text = std::getenv(name);
  if (text == nullptr) {
    return true;
  }
  int missing = 0;
  if (std::sscanf(text, "%d", &missing) != 1) {
    refuse(name, text, "the number of an adapter");
  }
  return adapter != missing;
}

bool has_room(int device, std::size_t bytes) {
  constexpr const char* name = "HOCKNEY_PRETENDED_FULL_GPU";
  const char* text = std::getenv(name);
  if (text == nullptr) {
    return true;
  }
  int full = 0;
  std::size_t refused = 0;
  if (std::sscanf(text, "%d:%zu", &full, &refused) != 2) {
    refuse(name, text, "a GPU and bytes, as 3:67108864");
  }
  return device != full || bytes < refused;
}

}  // namespace hockney::pretended_gpu
