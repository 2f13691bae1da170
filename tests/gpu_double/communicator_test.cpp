#include <gtest/gtest.h>
#include <thread>
#include <unistd.h>

#include "device_data.hpp"
#include "ranks.hpp"

namespace hockney::gpu_double {
namespace {

const std::vector<std::byte> one{std::byte{1}};

TEST(Communicator, ANonBlockingOneQueuesOnlyWhenItIsLookedAt) {
  expect_ranks(2, [](const Rank& me) {
    const ncclComm_t communicator = me.connect(false);
    const cudaStream_t stream = new_stream();
    const DeviceData data(one);
    const auto sum = [&] { return ncclAllReduce(data.get(), data.get(), 1, ncclInt8, ncclSum, communicator, stream); };
    EXPECT_EQ(sum(), ncclInProgress);
    EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
    EXPECT_EQ(data.copy(), one) << "nothing was queued yet";
    EXPECT_EQ(sum(), ncclInvalidArgument) << "not before it has settled";
    EXPECT_EQ(settled(communicator), ncclSuccess);
    EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
    EXPECT_EQ(data.copy(), std::vector{std::byte{2}});
    EXPECT_EQ(ncclCommFinalize(communicator), ncclInProgress);
    EXPECT_EQ(settled(communicator), ncclSuccess);
    EXPECT_EQ(ncclCommDestroy(communicator), ncclSuccess);
  });
}

TEST(Communicator, SplitsByColourAndOrdersByKey) {
  expect_ranks(4, [](const Rank& me) {
    const ncclComm_t parent = me.connect(me.rank < 0);
    ncclComm_t child = nullptr;
    const int colour = me.rank == 3 ? NCCL_SPLIT_NOCOLOR : 5;
    EXPECT_EQ(ncclCommSplit(parent, colour, -me.rank, &child, nullptr), ncclInProgress);
    EXPECT_EQ(settled(parent), ncclSuccess);
    if (me.rank == 3) {
      EXPECT_EQ(child, nullptr);
      return;
    }
    int rank = -1;
    int count = -1;
    EXPECT_EQ(ncclCommUserRank(child, &rank), ncclSuccess);
    EXPECT_EQ(ncclCommCount(child, &count), ncclSuccess);
    EXPECT_EQ(rank, 2 - me.rank);
    EXPECT_EQ(count, 3);
  });
}

TEST(Communicator, AbortEndsWhatWaitsForARankThatNeverComes) {
  expect_ranks(2, [](const Rank& me) {
    const ncclComm_t communicator = me.connect();
    if (me.rank == 1) {
      return;
    }
    const cudaStream_t stream = new_stream();
    const DeviceData data(one);
    EXPECT_EQ(ncclAllReduce(data.get(), data.get(), 1, ncclInt8, ncclSum, communicator, stream), ncclSuccess);
    EXPECT_EQ(cudaStreamQuery(stream), cudaErrorNotReady);
    std::thread([communicator] { EXPECT_EQ(ncclCommAbort(communicator), ncclSuccess); }).join();
    EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
    ncclResult_t state = ncclSuccess;
    EXPECT_EQ(ncclCommGetAsyncError(communicator, &state), ncclInvalidArgument) << "the handle is gone";
  });
}

TEST(Communicator, TwoRanksOnOneDeviceAreRefusedUnlessTheyClaimDifferentHosts) {
  const auto refused = [](const Rank& me) {
    ncclComm_t communicator = nullptr;
    EXPECT_EQ(ncclCommInitRank(&communicator, me.ranks, me.id, me.rank), ncclInvalidUsage);
    EXPECT_NE(std::string(ncclGetLastError(nullptr)).find("Duplicate GPU"), std::string::npos);
  };
  expect_ranks(2, refused);
  const auto accepted = [](const Rank& me) {
    setenv("NCCL_HOSTID", me.rank == 0 ? "a" : "b", 1);
    ncclComm_t communicator = nullptr;
    EXPECT_EQ(ncclCommInitRank(&communicator, me.ranks, me.id, me.rank), ncclSuccess);
  };
  expect_ranks(2, accepted);
}

// NCCL 2.28's group.cc: only blocking communicators simulate.
TEST(Communicator, SimulatesOnlyWhenBlocking) {
  expect_ranks(1, [](const Rank& me) {
    const ncclComm_t communicator = me.connect(true);
    const DeviceData data(one);
    ncclSimInfo_t info = NCCL_SIM_INFO_INITIALIZER;
    ncclGroupStart();
    ncclAllReduce(data.get(), data.get(), 1, ncclInt8, ncclSum, communicator, nullptr);
    EXPECT_EQ(ncclGroupSimulateEnd(&info), ncclSuccess);
    EXPECT_GT(info.estimatedTime, 4.9F);
  });
  expect_ranks(1, [](const Rank& me) {
    const ncclComm_t communicator = me.connect(false);
    const DeviceData data(one);
    ncclSimInfo_t info = NCCL_SIM_INFO_INITIALIZER;
    ncclGroupStart();
    ncclAllReduce(data.get(), data.get(), 1, ncclInt8, ncclSum, communicator, nullptr);
    EXPECT_EQ(ncclGroupSimulateEnd(&info), ncclInProgress);
    EXPECT_EQ(info.estimatedTime, NCCL_UNDEF_FLOAT);
  });
}

TEST(Communicator, PinsThatDoNotExistAreRefused) {
  const Environment unknown{{"NCCL_ALGO", "rong"}};
  expect_ranks(
      1,
      [](const Rank& me) {
        ncclComm_t communicator = nullptr;
        EXPECT_EQ(ncclCommInitRank(&communicator, 1, me.id, 0), ncclInvalidUsage);
      },
      unknown);
  const Environment tree_gather{{"NCCL_ALGO", "allgather:tree"}};
  expect_ranks(
      2,
      [](const Rank& me) {
        const ncclComm_t communicator = me.connect();
        const DeviceData data(std::size_t{2});
        EXPECT_EQ(ncclAllGather(data.get(), data.get(), 1, ncclInt8, communicator, nullptr), ncclInvalidUsage);
        EXPECT_EQ(ncclAllReduce(data.get(), data.get(), 1, ncclInt8, ncclSum, communicator, nullptr), ncclSuccess);
        EXPECT_EQ(cudaDeviceSynchronize(), cudaSuccess);
      },
      tree_gather);
}

}  // namespace
}  // namespace hockney::gpu_double
