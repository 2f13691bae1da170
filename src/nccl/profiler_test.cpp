#include <cstdlib>
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <thread>

#include "nccl/labels.hpp"
#include "nccl/profiler_abi.hpp"

namespace hockney::nccl {
namespace {

// As NCCL finds a static plugin: dlsym in the program itself
template <class Plugin>
const Plugin* exported(const char* name) {
  return static_cast<const Plugin*>(::dlsym(::dlopen(nullptr, RTLD_NOW | RTLD_LOCAL), name));
}

int mask = -1;  // NCCL has one for the process

const abi::ProfilerV5& plugin_v5() {
  static const auto* const plugin = exported<abi::ProfilerV5>("ncclProfiler_v5");
  if (plugin == nullptr) {
    throw std::runtime_error("the program does not export ncclProfiler_v5");
  }
  return *plugin;
}

void* initialised_v5() {
  void* context = nullptr;
  EXPECT_EQ(plugin_v5().init(&context, 42, &mask, "comm", 1, 2, 0, nullptr), ncclSuccess);
  return context;
}

abi::EventDescriptorV5 collective(const char* func, const char* algo, const char* proto, std::uint8_t channels) {
  abi::EventDescriptorV5 event{};
  event.type = abi::profile_coll;
  event.coll.func = func;
  event.coll.algo = algo;
  event.coll.proto = proto;
  event.coll.nChannels = channels;
  return event;
}

void start(void* context, abi::EventDescriptorV5 event) {
  void* handle = &event;
  EXPECT_EQ(plugin_v5().startEvent(context, &handle, &event), ncclSuccess);
  EXPECT_EQ(handle != nullptr, event.type == abi::profile_group) << "a group's handle lets NCCL 2.27 send the rest";
}

TEST(Profiler, IsSwitchedOnUnlessTheUserHasOne) {
  ::unsetenv("NCCL_PROFILER_PLUGIN");
  EXPECT_FALSE(profiler::enable(22605));
  EXPECT_EQ(std::getenv("NCCL_PROFILER_PLUGIN"), nullptr);
  EXPECT_TRUE(profiler::enable(22809));
  EXPECT_STREQ(std::getenv("NCCL_PROFILER_PLUGIN"), "STATIC_PLUGIN");
  ::setenv("NCCL_PROFILER_PLUGIN", "mine", 1);
  EXPECT_FALSE(profiler::enable(22809));
  EXPECT_STREQ(std::getenv("NCCL_PROFILER_PLUGIN"), "mine");
  ::unsetenv("NCCL_PROFILER_PLUGIN");
}

TEST(Profiler, BothVersionsAreExported) {
  const auto* v4 = exported<abi::ProfilerV4>("ncclProfiler_v4");
  ASSERT_NE(v4, nullptr);
  EXPECT_STREQ(v4->name, "hockney");
  EXPECT_STREQ(plugin_v5().name, "hockney");
}

TEST(Profiler, RecordsBetweenBeginAndEndOnly) {
  void* context = initialised_v5();
  EXPECT_EQ(mask, 0);
  start(context, collective("AllReduce", "TREE", "LL", 1));

  profiler::begin_labels();
  EXPECT_EQ(mask, static_cast<int>(abi::profile_coll | abi::profile_p2p));
  start(context, collective("AllReduce", "NVLS_TREE", "SIMPLE", 16));
  start(context, collective("AllGather", "RING", "LL128", 8));
  EXPECT_EQ(profiler::end_labels(), (std::vector<Label>{{"NVLSTree", "Simple", 16}, {"Ring", "LL128", 8}}));
  EXPECT_EQ(mask, 0);

  start(context, collective("AllReduce", "TREE", "LL", 1));
  EXPECT_TRUE(profiler::end_labels().empty());
}

TEST(Profiler, ACommunicatorThatIsMadeWhileRecordingLeavesTheMaskOn) {
  initialised_v5();
  profiler::begin_labels();
  mask = 0;
  void* context = initialised_v5();
  EXPECT_NE(mask, 0);
  profiler::end_labels();
  EXPECT_EQ(plugin_v5().finalize(context), ncclSuccess);
}

TEST(Profiler, SendsHaveChannelsAndGroupsAreAnswered) {
  void* context = initialised_v5();
  abi::EventDescriptorV5 send{};
  send.type = abi::profile_p2p;
  send.p2p.nChannels = 4;
  abi::EventDescriptorV5 group{};
  group.type = abi::profile_group;
  profiler::begin_labels();
  start(context, group);
  start(context, send);
  start(context, collective("AllReduce", nullptr, nullptr, 2));
  EXPECT_EQ(profiler::end_labels(), (std::vector<Label>{{"", "", 4}, {"", "", 2}}));
}

TEST(Profiler, NcclTellsItNothingOfSymmetricKernelsNorOfBroadcastsFrom230On) {
  EXPECT_TRUE(profiler::tells(22809, Operation::all_reduce, Buffers::registered));
  EXPECT_FALSE(profiler::tells(22809, Operation::all_reduce, Buffers::symmetric_window));
  EXPECT_TRUE(profiler::tells(22907, Operation::broadcast, Buffers::plain));
  EXPECT_FALSE(profiler::tells(23007, Operation::broadcast, Buffers::plain));
  EXPECT_TRUE(profiler::tells(23007, Operation::reduce, Buffers::plain));
  EXPECT_FALSE(profiler::tells(22605, Operation::all_reduce, Buffers::plain));
}

TEST(Profiler, TextsAreCopied) {
  void* context = initialised_v5();
  std::string algorithm = "RING";
  profiler::begin_labels();
  start(context, collective("AllReduce", algorithm.c_str(), "LL", 1));
  algorithm = "TREE";
  EXPECT_EQ(profiler::end_labels().front().algorithm, "Ring");
}

TEST(Profiler, ThreadsMayCallAtOnce) {
  void* context = initialised_v5();
  profiler::begin_labels();
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int event = 0; event < 500; ++event) {
        start(context, collective("AllReduce", "RING", "LL", 1));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(profiler::end_labels().size(), 2000U);
}

TEST(Profiler, Version4IsUnderstood) {
  const auto* v4 = exported<abi::ProfilerV4>("ncclProfiler_v4");
  ASSERT_NE(v4, nullptr);
  void* context = nullptr;
  EXPECT_EQ(v4->init(&context, &mask, "comm", 42, 1, 2, 0, nullptr), ncclSuccess);
  abi::EventDescriptorV4 group{};
  group.type = static_cast<std::uint8_t>(abi::profile_group);
  void* group_handle = nullptr;
  EXPECT_EQ(v4->startEvent(context, &group_handle, &group), ncclSuccess);
  EXPECT_NE(group_handle, nullptr) << "NCCL 2.27 would send no event of the group's collectives";
  EXPECT_EQ(v4->stopEvent(group_handle), ncclSuccess);
  abi::EventDescriptorV4 event{};
  event.type = static_cast<std::uint8_t>(abi::profile_coll);
  event.coll.func = "AllReduce";
  event.coll.algo = "COLLNET_CHAIN";
  event.coll.proto = "SIMPLE";
  event.coll.nChannels = 3;
  void* handle = nullptr;
  profiler::begin_labels();
  EXPECT_EQ(v4->startEvent(context, &handle, &event), ncclSuccess);
  EXPECT_EQ(v4->recordEventState(handle, 0, nullptr), ncclSuccess);
  EXPECT_EQ(v4->stopEvent(handle), ncclSuccess);
  EXPECT_EQ(profiler::end_labels(), (std::vector<Label>{{"CollNetChain", "Simple", 3}}));
  EXPECT_EQ(v4->finalize(context), ncclSuccess);
}

}  // namespace
}  // namespace hockney::nccl
