#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <regex>
#include <sstream>
#include <unistd.h>

#include "device_data.hpp"
#include "nccl/profiler_abi.hpp"
#include "ranks.hpp"

using namespace hockney::gpu_double;

namespace {

std::vector<std::string> labels;
int* mask = nullptr;
bool answers_groups = true;

ncclResult_t init(void**, std::uint64_t, int* activation_mask, const char*, int, int, int, profiler_abi::Logger) {
  mask = activation_mask;
  return ncclSuccess;
}

ncclResult_t init_v4(void** context, int* activation_mask, const char* name, std::uint64_t id, int nodes, int ranks,
                     int rank, profiler_abi::Logger log) {
  labels.emplace_back("version 4");
  return init(context, id, activation_mask, name, nodes, ranks, rank, log);
}

const profiler_abi::CollV4& collective_of(const profiler_abi::EventV4& event) { return event.coll; }
const profiler_abi::CollV4& collective_of(const profiler_abi::EventV5& event) { return event.coll.v4; }

template <class Event>
ncclResult_t start(void*, void** handle, Event* event) {
  if (event->type == profiler_abi::group_event) {
    *handle = answers_groups ? &labels : nullptr;
    return ncclSuccess;
  }
  if (event->type == profiler_abi::p2p_event) {
    labels.push_back(std::string(event->p2p.function) + " " + std::to_string(event->p2p.peer));
    return ncclSuccess;
  }
  const profiler_abi::CollV4& coll = collective_of(*event);
  labels.push_back(std::string(coll.function) + " " + coll.algorithm + " " + coll.protocol);
  return ncclSuccess;
}

ncclResult_t stop(void*) { return ncclSuccess; }

ncclResult_t record(void*, int, void*) { return ncclSuccess; }

/// What the ranks' processes wrote to their debug files, all together.
std::string debug_output(int ranks, Environment environment) {
  const auto folder = std::filesystem::temp_directory_path() / ("hockney-double-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  environment.insert(environment.end(), {{"NCCL_DEBUG", "INFO"}, {"NCCL_DEBUG_FILE", folder.string() + "/%h.%p"}});
  expect_ranks(
      ranks,
      [](const Rank& me) {
        const ncclComm_t communicator = me.connect();
        const DeviceData data(std::size_t{1} << 16);
        ncclAllReduce(data.get(), data.get(), 256, ncclFloat32, ncclSum, communicator, nullptr);
        ncclAllReduce(data.get(), data.get(), 4096, ncclFloat32, ncclSum, communicator, nullptr);
        EXPECT_EQ(cudaDeviceSynchronize(), cudaSuccess);
      },
      environment);
  std::stringstream text;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    text << std::ifstream(file.path()).rdbuf();
    text.clear();  // an empty file counts as a failure
  }
  std::filesystem::remove_all(folder);
  return text.str();
}

void expect_line(const std::string& output, const std::string& pattern) {
  EXPECT_TRUE(std::regex_search(output, std::regex("\\S+:\\d+:\\d+ \\[\\d\\] NCCL INFO " + pattern + "\n")))
      << pattern << "\nin\n"
      << output;
}

TEST(DebugOutput, ConnectionsAreNamedAsNcclNamesThem) {
  const auto p2p = debug_output(2, {{"NCCL_DEBUG_SUBSYS", "INIT"}});
  expect_line(p2p, "Channel 00/0 : 0\\[0\\] -> 1\\[1\\] via P2P/CUMEM/read");
  expect_line(p2p, "Channel 01/0 : 1\\[1\\] -> 0\\[0\\] via P2P/CUMEM/read");
  EXPECT_EQ(p2p.find("Algo"), std::string::npos);
  const auto shm = debug_output(2, {{"NCCL_P2P_DISABLE", "1"}});
  expect_line(shm, "Channel 00 : 0\\[0\\] -> 1\\[1\\] via SHM/direct/direct");
  const auto net = debug_output(2, {{"NCCL_P2P_DISABLE", "1"}, {"NCCL_SHM_DISABLE", "1"}});
  expect_line(net, "Channel 00/0 : 0\\[0\\] -> 1\\[1\\] \\[send\\] via NET/Socket/0");
  expect_line(net, "Channel 00/0 : 0\\[0\\] -> 1\\[1\\] \\[receive\\] via NET/Socket/0");
}

TEST(DebugOutput, TheChoiceIsNamedAsNcclNamesIt) {
  const auto free_choice = debug_output(2, {{"NCCL_DEBUG_SUBSYS", "INIT,TUNING"}});
  expect_line(free_choice, "AllReduce: 1024 Bytes -> Algo RING proto LL channel\\{Lo\\.\\.Hi\\}=\\{0\\.\\.1\\}");
  expect_line(free_choice, "AllReduce: 16384 Bytes -> Algo RING proto SIMPLE channel\\{Lo\\.\\.Hi\\}=\\{0\\.\\.1\\}");
  const auto pinned = debug_output(
      2, {{"NCCL_DEBUG_SUBSYS", "TUNING"}, {"NCCL_ALGO", "allreduce:tree"}, {"NCCL_PROTO", "allreduce:ll128"}});
  expect_line(pinned, "AllReduce: 1024 Bytes -> Algo TREE proto LL128 channel\\{Lo\\.\\.Hi\\}=\\{0\\.\\.1\\}");
}

/// What the plugin hears of an all-reduce, of one on symmetric windows and of a broadcast, from an NCCL that pretends
/// to be of a version.
void expect_heard(const char* version, bool with_groups, const std::vector<std::string>& heard) {
  expect_ranks(2,
               [&](const Rank& me) {
                 const ncclComm_t communicator = me.connect();
                 const DeviceData data(std::size_t{1024});
                 void* window_memory = nullptr;
                 ncclMemAlloc(&window_memory, 4096);
                 ncclWindow_t window = nullptr;
                 ncclCommWindowRegister(communicator, window_memory, 4096, &window, NCCL_WIN_COLL_SYMMETRIC);
                 ASSERT_NE(mask, nullptr);
                 answers_groups = with_groups;
                 *mask = profiler_abi::coll_event;
                 ncclAllReduce(data.get(), data.get(), 256, ncclFloat32, ncclSum, communicator, nullptr);
                 ncclAllReduce(window_memory, window_memory, 256, ncclFloat32, ncclSum, communicator, nullptr);
                 ncclBroadcast(data.get(), data.get(), 256, ncclFloat32, 0, communicator, nullptr);
                 *mask = 0;
                 ncclAllReduce(data.get(), data.get(), 256, ncclFloat32, ncclSum, communicator, nullptr);
                 EXPECT_EQ(cudaDeviceSynchronize(), cudaSuccess);
                 EXPECT_EQ(labels, heard);
               },
               {{"NCCL_PROFILER_PLUGIN", "STATIC_PLUGIN"}, {"HOCKNEY_DOUBLE_NCCL_VERSION", version}});
}

TEST(DebugOutput, TheProfilerPluginOfTheProgramHearsOfCollectivesWhileItsMaskSaysSo) {
  expect_heard("22809", true, {"AllReduce RING LL", "Broadcast RING LL"});
}

TEST(DebugOutput, The227OfProfilersIsVersion4) {
  expect_heard("22707", true, {"version 4", "AllReduce RING LL", "Broadcast RING LL"});
}

TEST(DebugOutput, APluginThatGivesGroupsNoHandleHearsNothing) {
  expect_heard("22707", false, {"version 4"});
  expect_heard("22809", false, {});
}

TEST(DebugOutput, From230OnBroadcastsAreNotTold) { expect_heard("23007", true, {"AllReduce RING LL"}); }

}  // namespace

extern "C" {
extern const profiler_abi::PluginV5 ncclProfiler_v5;
extern const profiler_abi::PluginV4 ncclProfiler_v4;
const profiler_abi::PluginV5 ncclProfiler_v5{"test", init, start<profiler_abi::EventV5>, stop, record, stop};
const profiler_abi::PluginV4 ncclProfiler_v4{"test", init_v4, start<profiler_abi::EventV4>, stop, record, stop};
}
