#pragma once

#include <cstddef>
#include <cstdint>
#include <nccl.h>
#include <sys/types.h>

/// The binary interface of NCCL's profiler plugins, versions 4 (NCCL 2.27) and 5 (2.28): the part that is used here,
/// with all members that sizes depend on. After NCCL's ext-profiler/example and
/// src/include/plugin/profiler/profiler_v4.h and profiler_v5.h; the names are NCCL's, so that the two can be compared.
namespace hockney::nccl::abi {

/// Bits of the activation mask and of an event's type. A group is what NCCL launches as one kernel.
inline constexpr std::uint64_t profile_group = 1U << 0;
inline constexpr std::uint64_t profile_coll = 1U << 1;
inline constexpr std::uint64_t profile_p2p = 1U << 2;

using Logger = void (*)(int level, unsigned long flags, const char* file, int line, const char* format, ...);

struct ProxyOp {
  pid_t pid;
  std::uint8_t channelId;
  int peer;
  int nSteps;
  int chunkSize;
  int isSend;
};
struct ProxyStep {
  int step;
};
struct KernelCh {
  std::uint8_t channelId;
  std::uint64_t pTimer;
};
struct NetPlugin {
  std::int64_t id;
  void* data;
};

struct EventDescriptorV4 {
  struct Coll {
    std::uint64_t seqNumber;
    const char* func;
    const void* sendBuff;
    void* recvBuff;
    std::size_t count;
    int root;
    const char* datatype;
    std::uint8_t nChannels;
    std::uint8_t nWarps;
    const char* algo;
    const char* proto;
  };
  struct P2p {
    const char* func;
    void* buff;
    const char* datatype;
    std::size_t count;
    int peer;
    std::uint8_t nChannels;
  };
  std::uint8_t type;
  void* parentObj;
  int rank;
  union {
    Coll coll;
    P2p p2p;
    ProxyOp proxyOp;
    ProxyStep proxyStep;
    KernelCh kernelCh;
    NetPlugin netPlugin;
  };
};

struct EventDescriptorV5 {
  struct GroupApi {
    bool graphCaptured;
    int groupDepth;
  };
  struct CollApi {
    const char* func;
    std::size_t count;
    const char* datatype;
    int root;
    void* stream;
    bool graphCaptured;
  };
  struct P2pApi {
    const char* func;
    std::size_t count;
    const char* datatype;
    void* stream;
    bool graphCaptured;
  };
  struct KernelLaunch {
    void* stream;
  };
  struct Coll : EventDescriptorV4::Coll {
    void* parentGroup;
  };
  struct P2p : EventDescriptorV4::P2p {
    void* parentGroup;
  };
  std::uint64_t type;
  void* parentObj;
  int rank;
  union {
    GroupApi groupApi;
    CollApi collApi;
    P2pApi p2pApi;
    KernelLaunch kernelLaunch;
    Coll coll;
    P2p p2p;
    ProxyOp proxyOp;
    ProxyStep proxyStep;
    KernelCh kernelCh;
    NetPlugin netPlugin;
  };
};

static_assert(sizeof(EventDescriptorV4) == 104 && sizeof(EventDescriptorV5) == 112);

struct ProfilerV4 {
  const char* name;
  ncclResult_t (*init)(void** context, int* eActivationMask, const char* commName, std::uint64_t commHash, int nNodes,
                       int nranks, int rank, Logger logfn);
  ncclResult_t (*startEvent)(void* context, void** eHandle, EventDescriptorV4* eDescr);
  ncclResult_t (*stopEvent)(void* eHandle);
  ncclResult_t (*recordEventState)(void* eHandle, int eState, void* eStateArgs);
  ncclResult_t (*finalize)(void* context);
};

struct ProfilerV5 {
  const char* name;
  ncclResult_t (*init)(void** context, std::uint64_t commId, int* eActivationMask, const char* commName, int nNodes,
                       int nranks, int rank, Logger logfn);
  ncclResult_t (*startEvent)(void* context, void** eHandle, EventDescriptorV5* eDescr);
  ncclResult_t (*stopEvent)(void* eHandle);
  ncclResult_t (*recordEventState)(void* eHandle, int eState, void* eStateArgs);
  ncclResult_t (*finalize)(void* context);
};

}  // namespace hockney::nccl::abi
