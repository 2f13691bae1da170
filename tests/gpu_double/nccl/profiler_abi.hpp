#pragma once

#include <cstdint>
#include <nccl.h>
#include <sys/types.h>

/// The binary interface of NCCL's profiler plugins, versions 4 (2.27) and 5 (2.28), as far as collectives need
/// it: NCCL's plugins/profiler/example/nccl/profiler_v4.h and _v5.h. The unions' largest members bound their sizes.
namespace hockney::gpu_double::profiler_abi {

inline constexpr int group_event = 1 << 0;  ///< ncclProfileGroup
inline constexpr int coll_event = 1 << 1;   ///< ncclProfileColl
inline constexpr int p2p_event = 1 << 2;    ///< ncclProfileP2p

using Logger = void (*)(int level, unsigned long flags, const char* file, int line, const char* format, ...);

struct CollV4 {
  std::uint64_t sequence;
  const char* function;
  const void* send;
  void* receive;
  std::size_t count;
  int root;
  const char* type;
  std::uint8_t channels;
  std::uint8_t warps;
  const char* algorithm;
  const char* protocol;
};

struct CollV5 {
  CollV4 v4;
  void* parent_group;
};

struct P2p {  ///< version 5 has one pointer more at its end
  const char* function;
  void* buffer;
  const char* type;
  std::size_t count;
  int peer;
  std::uint8_t channels;
};

struct EventV4 {
  std::uint8_t type;
  void* parent;
  int rank;
  union {
    CollV4 coll;
    P2p p2p;
  };
};

struct EventV5 {
  std::uint64_t type;
  void* parent;
  int rank;
  union {
    CollV5 coll;
    P2p p2p;
  };
};

struct PluginV4 {
  const char* name;
  ncclResult_t (*init)(void** context, int* mask, const char* communicator, std::uint64_t id, int nodes, int ranks,
                       int rank, Logger log);
  ncclResult_t (*start)(void* context, void** event, EventV4* description);
  ncclResult_t (*stop)(void* event);
  ncclResult_t (*record)(void* event, int state, void* arguments);
  ncclResult_t (*finalize)(void* context);
};

struct PluginV5 {
  const char* name;
  ncclResult_t (*init)(void** context, std::uint64_t id, int* mask, const char* communicator, int nodes, int ranks,
                       int rank, Logger log);
  ncclResult_t (*start)(void* context, void** event, EventV5* description);
  ncclResult_t (*stop)(void* event);
  ncclResult_t (*record)(void* event, int state, void* arguments);
  ncclResult_t (*finalize)(void* context);
};

}  // namespace hockney::gpu_double::profiler_abi
