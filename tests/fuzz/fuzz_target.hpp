#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "base/error.hpp"

/// The entry point that libFuzzer (or replay.cpp) calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace hockney::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Runs `read`, which may refuse its input with InputError and nothing else.
template <class Read>
void allow_input_errors(Read&& read) {
  try {
    std::forward<Read>(read)();
  } catch (const InputError&) {
  }
}

/// Ends the program, so that the fuzzer keeps the input, unless `holds`.
inline void require(bool holds, const char* what) {
  if (!holds) {
    std::fprintf(stderr, "does not hold: %s\n", what);
    std::abort();
  }
}

}  // namespace hockney::fuzz
