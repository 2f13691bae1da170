#include "profiler.hpp"

#include <array>
#include <cstdlib>
#include <dlfcn.h>
#include <string_view>

#include "debug_log.hpp"
#include "profiler_abi.hpp"
#include "version.hpp"

namespace hockney::gpu_double {
namespace {

using namespace profiler_abi;

constexpr std::array<const char*, 12> type_names{"ncclInt8",    "ncclUint8",    "ncclInt32",      "ncclUint32",
                                                 "ncclInt64",   "ncclUint64",   "ncclFloat16",    "ncclFloat32",
                                                 "ncclFloat64", "ncclBfloat16", "ncclFloat8e4m3", "ncclFloat8e5m2"};

constexpr int first_with_v4 = 22700;
constexpr int first_with_v5 = 22800;
constexpr int first_silent_on_broadcast = 23000;

struct Plugin {
  const PluginV5* v5 = nullptr;
  const PluginV4* v4 = nullptr;
  int mask = 0;  ///< the plugin keeps the address and changes it as it likes

  Plugin() {
    const char* wanted = std::getenv("NCCL_PROFILER_PLUGIN");
    if (wanted == nullptr || std::string_view(wanted) != "STATIC_PLUGIN") {
      return;
    }
    void* const program = dlopen(nullptr, RTLD_NOW | RTLD_LOCAL);
    if (pretended_version() >= first_with_v5) {
      v5 = static_cast<const PluginV5*>(dlsym(program, "ncclProfiler_v5"));
    }
    if (pretended_version() >= first_with_v4 && v5 == nullptr) {
      v4 = static_cast<const PluginV4*>(dlsym(program, "ncclProfiler_v4"));
    }
  }
};

Plugin& plugin() {
  static Plugin& only = *new Plugin;
  return only;
}

void ignore_log(int, unsigned long, const char*, int, const char*, ...) {}

const char* type_name(const Call& call) { return type_names[static_cast<std::size_t>(call.type)]; }

CollV4 describe(const Call& call, const Choice& choice, const std::string& function, std::uint64_t sequence) {
  return {sequence,
          function.c_str(),
          call.send,
          call.receive,
          call.count,
          call.root,
          type_name(call),
          static_cast<std::uint8_t>(choice.channels),
          16,
          choice.algorithm.c_str(),
          choice.protocol.c_str()};
}

void set_coll(EventV4& event, const CollV4& coll) { event.coll = coll; }
void set_coll(EventV5& event, const CollV4& coll) { event.coll = {coll, nullptr}; }

template <class Event, class Plugin, class Body>
void during_event(const Plugin& plugin, void* context, Event description, Body&& body) {
  void* event = nullptr;
  plugin.start(context, &event, &description);
  if (event != nullptr) {
    body(event);
    plugin.stop(event);
  }
}

// NCCL 2.27 sends the event of a collective only if that of its group got a handle.
template <class Event, class Plugin, class Fill>
void tell_one(const Plugin& plugin, void* context, int type, int rank, Fill&& fill) {
  Event group{};
  group.type = group_event;
  group.rank = rank;
  during_event(plugin, context, group, [&](void* parent) {
    Event description{};
    description.type = static_cast<decltype(description.type)>(type);
    description.parent = parent;
    description.rank = rank;
    fill(description);
    during_event(plugin, context, description, [](void*) {});
  });
}

}  // namespace

Profiler::Profiler(const Profiled& communicator) : communicator_(communicator) {
  Plugin& loaded = plugin();
  const auto& [id, nodes, ranks, rank] = communicator_;
  if (loaded.v5 != nullptr) {
    active_ = loaded.v5->init(&context_, id, &loaded.mask, nullptr, nodes, ranks, rank, ignore_log) == ncclSuccess;
  } else if (loaded.v4 != nullptr) {
    active_ = loaded.v4->init(&context_, &loaded.mask, nullptr, id, nodes, ranks, rank, ignore_log) == ncclSuccess;
  }
}

Profiler::~Profiler() {
  if (active_) {
    plugin().v5 != nullptr ? plugin().v5->finalize(context_) : plugin().v4->finalize(context_);
  }
}

template <class Fill>
void Profiler::tell(int type, Fill&& fill) {
  const Plugin& loaded = plugin();
  if (!active_ || (__atomic_load_n(&loaded.mask, __ATOMIC_RELAXED) & type) == 0) {
    return;
  }
  if (loaded.v5 != nullptr) {
    tell_one<EventV5>(*loaded.v5, context_, type, communicator_.rank, fill);
  } else {
    tell_one<EventV4>(*loaded.v4, context_, type, communicator_.rank, fill);
  }
}

void Profiler::collective(const Call& call, const Choice& choice) {
  if (call.kind == Kind::broadcast && pretended_version() >= first_silent_on_broadcast) {
    return;
  }
  const std::string function(name_of(call.kind));
  const std::uint64_t number = sequence_++;
  tell(coll_event, [&](auto& event) { set_coll(event, describe(call, choice, function, number)); });
}

void Profiler::message(const Call& call, bool sends, int peer) {
  void* const buffer = sends ? const_cast<std::byte*>(call.send) : call.receive;
  const auto used = static_cast<std::uint8_t>(peer == communicator_.rank ? 1 : channels);  // what stays is copied
  const P2p described{sends ? "Send" : "Recv", buffer, type_name(call), call.count, peer, used};
  tell(p2p_event, [&](auto& event) { event.p2p = described; });
}

}  // namespace hockney::gpu_double
