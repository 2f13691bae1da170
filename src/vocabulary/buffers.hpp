#pragma once

#include <array>

#include "base/names.hpp"

namespace hockney::inline vocabulary {

/// Where buffers come from and what the communication library is told about them.
enum class Buffers {
  plain,             ///< cudaMalloc, or host memory
  nccl_mem_alloc,    ///< ncclMemAlloc, not registered
  registered,        ///< ncclMemAlloc and ncclCommRegister: user buffer registration
  symmetric_window,  ///< ncclMemAlloc and ncclCommWindowRegister with NCCL_WIN_COLL_SYMMETRIC
};

struct BuffersNames {
  static constexpr std::string_view what = "kind of buffers";
  static constexpr std::array<NamedValue<Buffers>, 4> table{{{Buffers::plain, "plain"},
                                                             {Buffers::nccl_mem_alloc, "nccl_mem_alloc"},
                                                             {Buffers::registered, "registered"},
                                                             {Buffers::symmetric_window, "symmetric_window"}}};
};
BuffersNames names_of(Buffers);

/// Whether operations find their buffers in the cache that they left them in.
enum class Cache {
  hot,     ///< one set of buffers: every operation finds them as the last one left them
  rotate,  ///< as many sets in turn as fill the last-level cache twice, at most 64 (buffer_sets())
};

struct CacheNames {
  static constexpr std::string_view what = "cache choice";
  static constexpr std::array<NamedValue<Cache>, 2> table{{{Cache::hot, "hot"}, {Cache::rotate, "rotate"}}};
};
CacheNames names_of(Cache);

}  // namespace hockney::inline vocabulary
