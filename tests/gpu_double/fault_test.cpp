#include "fault.hpp"

#include <csignal>
#include <gtest/gtest.h>
#include <stdexcept>

#include "device_data.hpp"
#include "ranks.hpp"

namespace hockney::gpu_double {
namespace {

Environment planted(const char* fault) { return {{"HOCKNEY_DOUBLE_FAULT", fault}}; }

/// Sums one element `times` times in place; what is left in it.
std::vector<std::byte> sum_up(ncclComm_t communicator, int times) {
  const cudaStream_t stream = new_stream();
  const DeviceData data(std::vector{std::byte{1}});
  for (int i = 0; i < times; ++i) {
    ncclAllReduce(data.get(), data.get(), 1, ncclInt8, ncclSum, communicator, stream);
  }
  EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
  return data.copy();
}

TEST(Fault, TextsAreReadStrictly) {
  EXPECT_EQ(parse_fault("").kind, Fault::Kind::none);
  EXPECT_EQ(parse_fault("out_of_memory:4096").bytes, 4096U);
  const Fault hang = parse_fault("kernel_never_ends:all_gather:3");
  EXPECT_EQ(hang.number, 3U);
  EXPECT_TRUE(hang.concerns("AllGather", 1));
  EXPECT_FALSE(hang.concerns("AllReduce", 1));
  const Fault death = parse_fault("die:1:20");
  EXPECT_TRUE(death.concerns("SendRecv", 1));
  EXPECT_FALSE(death.concerns("SendRecv", 0));
  EXPECT_EQ(death.number, 20U);
  for (const char* wrong : {"dye:1:2", "die:x:2", "die:", "no_device:1", "out_of_memory:1k", "die:1:2:AllReduce:4"}) {
    EXPECT_THROW(parse_fault(wrong), std::invalid_argument) << wrong;
  }
}

TEST(Fault, NoDeviceAndNoDriver) {
  const auto expect = [](cudaError_t code, int driver) {
    return [=](const Rank&) {
      int value = -1;
      EXPECT_EQ(cudaGetDeviceCount(&value), code);
      EXPECT_EQ(value, 0);
      EXPECT_EQ(cudaDriverGetVersion(&value), cudaSuccess);
      EXPECT_EQ(value, driver);
      void* memory = nullptr;
      EXPECT_EQ(cudaMalloc(&memory, 1), code);
    };
  };
  expect_ranks(1, expect(cudaErrorNoDevice, CUDART_VERSION), planted("no_device"));
  expect_ranks(1, expect(cudaErrorInsufficientDriver, 0), planted("no_driver"));
  expect_ranks(1, expect(cudaErrorInsufficientDriver, 11040), planted("old_driver"));
}

TEST(Fault, OutOfMemoryFailsBeyondTheLimit) {
  expect_ranks(
      1,
      [](const Rank&) {
        void* memory = nullptr;
        EXPECT_EQ(cudaMalloc(&memory, 4096), cudaSuccess);
        EXPECT_EQ(cudaMalloc(&memory, 1), cudaErrorMemoryAllocation);
      },
      planted("out_of_memory:4096"));
}

TEST(Fault, WrongDataFromTheNthOperationOn) {
  expect_ranks(
      2,
      [](const Rank& me) {
        const ncclComm_t communicator = me.connect();
        EXPECT_EQ(sum_up(communicator, 1), std::vector{std::byte{2}});
        EXPECT_EQ(sum_up(communicator, 1), std::vector{me.rank == 1 ? std::byte{3} : std::byte{2}});
      },
      planted("wrong_data:1:2"));
}

TEST(Fault, AnOperationThatNeverEndsEndsWithAbort) {
  expect_ranks(
      2,
      [](const Rank& me) {
        const ncclComm_t communicator = me.connect();
        const cudaStream_t stream = new_stream();
        const DeviceData data(std::vector{std::byte{1}});
        EXPECT_EQ(sum_up(communicator, 2), std::vector{std::byte{4}});
        ncclAllReduce(data.get(), data.get(), 1, ncclInt8, ncclSum, communicator, stream);
        EXPECT_EQ(cudaStreamQuery(stream), cudaErrorNotReady);
        EXPECT_EQ(ncclCommAbort(communicator), ncclSuccess);
        EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
        EXPECT_EQ(data.copy(), std::vector{std::byte{1}});
      },
      planted("kernel_never_ends:AllReduce:3"));
}

TEST(Fault, AnAsynchronousErrorIsReportedOnItsRankOnly) {
  expect_ranks(
      2,
      [](const Rank& me) {
        const ncclComm_t communicator = me.connect();
        const cudaStream_t stream = new_stream();
        const DeviceData data(std::vector{std::byte{1}});
        ncclAllReduce(data.get(), data.get(), 1, ncclInt8, ncclSum, communicator, stream);
        ncclResult_t state = ncclSuccess;
        while (me.rank == 1 && state == ncclSuccess) {
          ncclCommGetAsyncError(communicator, &state);
        }
        EXPECT_EQ(state, me.rank == 1 ? ncclRemoteError : ncclSuccess);
        EXPECT_EQ(ncclCommAbort(communicator), ncclSuccess);
      },
      planted("async_error:1:1"));
}

TEST(Fault, ARankDiesInsideItsNthOperation) {
  const auto codes = run_ranks(
      2,
      [](const Rank& me) {
        const ncclComm_t communicator = me.connect();
        if (me.rank == 1) {
          sum_up(communicator, 3);
          return;
        }
        EXPECT_EQ(sum_up(communicator, 2), std::vector{std::byte{4}});
      },
      planted("die:1:3"));
  EXPECT_EQ(codes, (std::vector{0, 128 + SIGKILL}));
}

}  // namespace
}  // namespace hockney::gpu_double
