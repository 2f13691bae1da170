#include <chrono>
#include <gtest/gtest.h>
#include <thread>

#include "cuda/kernel_arguments.hpp"
#include "device_data.hpp"
#include "ranks.hpp"

// What nvcc's code calls to announce a kernel and to launch it.
extern "C" void __cudaRegisterFunction(void**, const char*, char*, const char*, int, uint3*, uint3*, dim3*, dim3*,
                                       int*);

namespace hockney::gpu_double {
namespace {

using namespace std::chrono_literals;

template <class Arguments>
cudaError_t launch(const char* name, Arguments arguments, cudaStream_t stream) {
  __cudaRegisterFunction(nullptr, name, nullptr, name, -1, nullptr, nullptr, nullptr, nullptr, nullptr);
  void* pointers[] = {&arguments};
  return cudaLaunchKernel(static_cast<const void*>(name), dim3(1), dim3(1), pointers, 0, stream);
}

struct Word {
  Word() {
    void* memory = nullptr;
    EXPECT_EQ(cudaHostAlloc(&memory, sizeof(std::uint64_t), cudaHostAllocMapped), cudaSuccess);
    value = static_cast<std::uint64_t*>(memory);
    *value = 0;
  }
  void store(std::uint64_t to) const { std::atomic_ref(*value).store(to); }
  std::uint64_t load() const { return std::atomic_ref(*value).load(); }
  std::uint64_t* value;
};

// Each test runs in a process of its own, so that the others can fork.
void alone(const std::function<void()>& body, const Environment& environment = {}) {
  expect_ranks(
      1, [&](const Rank&) { body(); }, environment);
}

TEST(Runtime, DevicesAreTheVisibleOnesAndSayThatTheyAreEmulated) {
  alone(
      [] {
        int count = 0;
        EXPECT_EQ(cudaGetDeviceCount(&count), cudaSuccess);
        EXPECT_EQ(count, 2);
        cudaDeviceProp properties;
        EXPECT_EQ(cudaGetDeviceProperties(&properties, 1), cudaSuccess);
        EXPECT_STREQ(properties.name, "Emulated GPU (test double)");
        EXPECT_EQ(properties.uuid.bytes[15], '1');
        EXPECT_EQ(cudaSetDevice(2), cudaErrorInvalidDevice);
        EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidDevice);
        EXPECT_EQ(cudaGetLastError(), cudaSuccess);
      },
      {{"CUDA_VISIBLE_DEVICES", "3,1,9,0"}, {"HOCKNEY_DOUBLE_DEVICES", "4"}});
}

TEST(Runtime, AGateHoldsBackWhatIsQueuedBehindItAndEventsTimeIt) {
  alone([] {
    const cudaStream_t stream = new_stream();
    const Word open;
    const Word timed_out;
    cudaEvent_t before = nullptr;
    cudaEvent_t after = nullptr;
    cudaEventCreate(&before);
    cudaEventCreate(&after);
    EXPECT_EQ(cudaEventQuery(after), cudaSuccess) << "never recorded";
    cudaEventRecord(before, stream);
    EXPECT_EQ(cudaEventSynchronize(before), cudaSuccess);
    const cuda::GateArguments gate{open.value, 7, timed_out.value, 60'000'000'000};
    EXPECT_EQ(launch("hockney_gate", gate, stream), cudaSuccess);
    cudaEventRecord(after, stream);
    std::this_thread::sleep_for(20ms);
    EXPECT_EQ(cudaEventQuery(after), cudaErrorNotReady);
    open.store(7);
    EXPECT_EQ(cudaEventSynchronize(after), cudaSuccess);
    float milliseconds = 0;
    EXPECT_EQ(cudaEventElapsedTime(&milliseconds, before, after), cudaSuccess);
    EXPECT_GE(milliseconds, 19.0F);
    EXPECT_EQ(timed_out.load(), 0U);
  });
}

TEST(Runtime, AGateOpensByItselfAndSaysSo) {
  alone([] {
    const Word open;
    const Word timed_out;
    const cudaStream_t stream = new_stream();
    EXPECT_EQ(launch("hockney_gate", cuda::GateArguments{open.value, 1, timed_out.value, 1000}, stream), cudaSuccess);
    EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
    EXPECT_EQ(timed_out.load(), 1U);
  });
}

TEST(Runtime, PatternsAreWrittenAndChecked) {
  alone([] {
    const pattern::PatternTable table = [] {
      pattern::PatternTable made;
      for (std::size_t i = 0; i < pattern::PatternTable::period; ++i) {
        made.bits[i] = 1000 + i;
      }
      made.width = 2;
      made.phase = 5;
      return made;
    }();
    const DeviceData data(std::size_t{2000});
    const DeviceData wrong(std::vector<std::byte>(sizeof(std::uint64_t)));
    const cudaStream_t stream = new_stream();
    launch("hockney_fill_pattern_2", cuda::FillArguments{data.get(), 1000, table}, stream);
    EXPECT_EQ(cudaMemsetAsync(data.get() + 100, 0, 4, stream), cudaSuccess);
    const cuda::CountWrongArguments check{data.get(), 1000, reinterpret_cast<std::uint64_t*>(wrong.get()), table};
    launch("hockney_count_wrong_2", check, stream);
    EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
    EXPECT_EQ(*reinterpret_cast<std::uint64_t*>(wrong.get()), 2U);
    std::uint16_t first = 0;
    std::memcpy(&first, data.get(), sizeof first);
    EXPECT_EQ(first, 1005);
    EXPECT_EQ(launch("somebody_elses_kernel", std::uint64_t{0}, stream), cudaErrorInvalidDeviceFunction);
  });
}

TEST(Runtime, AStreamWaitsForAnEventOfAnother) {
  alone([] {
    const cudaStream_t first = new_stream();
    const cudaStream_t second = new_stream();
    const DeviceData data(std::vector<std::byte>(1));
    cudaEvent_t event = nullptr;
    cudaEventCreateWithFlags(&event, cudaEventDisableTiming);
    launch("hockney_busy", cuda::BusyArguments{20'000'000}, first);
    cudaMemsetAsync(data.get(), 1, 1, first);
    cudaEventRecord(event, first);
    cudaStreamWaitEvent(second, event, 0);
    cudaMemsetAsync(data.get(), 2, 1, second);
    EXPECT_EQ(cudaStreamSynchronize(second), cudaSuccess);
    EXPECT_EQ(data.copy(), std::vector{std::byte{2}});
  });
}

TEST(Runtime, WhatIsCapturedRunsAtEveryLaunchAndNotBefore) {
  expect_ranks(2, [](const Rank& me) {
    const ncclComm_t communicator = me.connect(false);
    const cudaStream_t stream = new_stream();
    const DeviceData data(std::vector{std::byte{1}});
    EXPECT_EQ(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), cudaSuccess);
    for (int repeat = 0; repeat < 2; ++repeat) {
      ncclAllReduce(data.get(), data.get(), 1, ncclInt8, ncclSum, communicator, stream);
      EXPECT_EQ(settled(communicator), ncclSuccess);
    }
    cudaGraph_t graph = nullptr;
    cudaGraphExec_t executable = nullptr;
    EXPECT_EQ(cudaStreamEndCapture(stream, &graph), cudaSuccess);
    EXPECT_EQ(cudaGraphInstantiate(&executable, graph, 0), cudaSuccess);
    EXPECT_EQ(cudaGraphDestroy(graph), cudaSuccess);
    EXPECT_EQ(data.copy(), std::vector{std::byte{1}});
    EXPECT_EQ(cudaGraphLaunch(executable, stream), cudaSuccess);
    EXPECT_EQ(cudaGraphLaunch(executable, stream), cudaSuccess);
    EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
    EXPECT_EQ(data.copy(), std::vector{std::byte{16}});
    EXPECT_EQ(cudaGraphExecDestroy(executable), cudaSuccess);
  });
}

TEST(Runtime, StreamsThatJoinedACaptureLeaveItAtItsEnd) {
  alone([] {
    const cudaStream_t stream = new_stream();
    const cudaStream_t joined = new_stream();
    cudaEvent_t event = nullptr;
    EXPECT_EQ(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), cudaSuccess);
    EXPECT_EQ(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), cudaSuccess);
    EXPECT_EQ(cudaEventRecord(event, stream), cudaSuccess);
    EXPECT_EQ(cudaStreamWaitEvent(joined, event, 0), cudaSuccess);
    cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
    EXPECT_EQ(cudaStreamIsCapturing(joined, &status), cudaSuccess);
    EXPECT_EQ(status, cudaStreamCaptureStatusActive);
    cudaGraph_t graph = nullptr;
    EXPECT_EQ(cudaStreamEndCapture(stream, &graph), cudaSuccess);
    EXPECT_EQ(cudaStreamIsCapturing(joined, &status), cudaSuccess);
    EXPECT_EQ(status, cudaStreamCaptureStatusNone);
    EXPECT_EQ(cudaGraphDestroy(graph), cudaSuccess);
  });
}

TEST(Runtime, ACaptureForbidsCallsThatWaitOrAllocate) {
  alone([] {
    const cudaStream_t stream = new_stream();
    EXPECT_EQ(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), cudaSuccess);
    void* memory = nullptr;
    EXPECT_EQ(cudaMalloc(&memory, 1), cudaErrorStreamCaptureUnsupported);
    cudaGraph_t graph = nullptr;
    EXPECT_EQ(cudaStreamEndCapture(stream, &graph), cudaErrorStreamCaptureInvalidated);
    EXPECT_EQ(cudaMalloc(&memory, 1), cudaSuccess) << "the capture is over";
  });
}

TEST(Runtime, MemoryIsCountedAndEnds) {
  alone(
      [] {
        std::size_t free_bytes = 0;
        std::size_t total = 0;
        const DeviceData some(std::size_t{4096});
        EXPECT_EQ(cudaMemGetInfo(&free_bytes, &total), cudaSuccess);
        EXPECT_EQ(total, 65536U);
        EXPECT_EQ(free_bytes, 65536U - 4096U);
        void* memory = nullptr;
        EXPECT_EQ(cudaMalloc(&memory, 65536), cudaErrorMemoryAllocation);
        EXPECT_EQ(memory, nullptr);
      },
      {{"HOCKNEY_DOUBLE_MEMORY", "65536"}});
}

}  // namespace
}  // namespace hockney::gpu_double
