#include <gtest/gtest.h>

#include "device_data.hpp"
#include "ranks.hpp"

namespace hockney::gpu_double {
namespace {

constexpr int processes = 3;
constexpr std::size_t block = 700 * 1000;  // bytes; larger than a ring of the double

// A byte that tells whose block it is, which block, and where in it.
std::byte content(int owner, int number, std::size_t i) {
  return static_cast<std::byte>(static_cast<std::size_t>(owner * 31 + number * 7) + i % 251);
}

std::vector<std::byte> blocks(int owner, int first, int wanted) {
  std::vector<std::byte> bytes;
  for (int number = first; number < first + wanted; ++number) {
    for (std::size_t i = 0; i < block; ++i) {
      bytes.push_back(content(owner, number, i));
    }
  }
  return bytes;
}

/// Block `number` of every rank, one after the other.
std::vector<std::byte> from_everybody(int number, int ranks) {
  std::vector<std::byte> bytes;
  for (int owner = 0; owner < ranks; ++owner) {
    const auto one = blocks(owner, number, 1);
    bytes.insert(bytes.end(), one.begin(), one.end());
  }
  return bytes;
}

struct Setting {
  explicit Setting(const Rank& me)
      : communicator(me.connect()),
        stream(new_stream()),
        send(blocks(me.rank, 0, me.ranks)),
        receive(block * static_cast<std::size_t>(me.ranks)) {}
  std::vector<std::byte> received() const {
    EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
    return receive.copy();
  }
  std::vector<std::byte> first_block() const {
    auto bytes = received();
    bytes.resize(block);
    return bytes;
  }

  ncclComm_t communicator;
  cudaStream_t stream;
  DeviceData send;
  DeviceData receive;
};

TEST(Movement, AllGather) {
  expect_ranks(processes, [](const Rank& me) {
    const Setting here(me);
    ncclAllGather(here.send.get(), here.receive.get(), block, ncclInt8, here.communicator, here.stream);
    EXPECT_TRUE(here.received() == from_everybody(0, me.ranks));
  });
}

TEST(Movement, AllToAll) {
  expect_ranks(processes, [](const Rank& me) {
    const Setting here(me);
    ncclAlltoAll(here.send.get(), here.receive.get(), block, ncclInt8, here.communicator, here.stream);
    EXPECT_TRUE(here.received() == from_everybody(me.rank, me.ranks));
    EXPECT_EQ(ncclAlltoAll(here.send.get(), here.send.get(), block, ncclInt8, here.communicator, here.stream),
              ncclInvalidArgument);
  });
}

TEST(Movement, Rooted) {
  expect_ranks(processes, [](const Rank& me) {
    const Setting here(me);
    ncclBroadcast(here.send.get(), here.receive.get(), block, ncclInt8, 1, here.communicator, here.stream);
    EXPECT_TRUE(here.first_block() == blocks(1, 0, 1));
    ncclScatter(here.send.get(), here.receive.get(), block, ncclInt8, 2, here.communicator, here.stream);
    EXPECT_TRUE(here.first_block() == blocks(2, me.rank, 1));
    ncclGather(here.send.get(), here.receive.get(), block, ncclInt8, 0, here.communicator, here.stream);
    EXPECT_TRUE(me.rank != 0 || here.received() == from_everybody(0, me.ranks));
  });
}

TEST(Movement, AGroupOfSendsAndReceivesCannotDeadlock) {
  expect_ranks(processes, [](const Rank& me) {
    const Setting here(me);
    ncclGroupStart();
    for (int peer = 0; peer < me.ranks; ++peer) {
      const std::size_t at = block * static_cast<std::size_t>(peer);
      ncclSend(here.send.get() + at, block, ncclInt8, peer, here.communicator, here.stream);
      ncclRecv(here.receive.get() + at, block, ncclInt8, peer, here.communicator, here.stream);
    }
    EXPECT_EQ(ncclGroupEnd(), ncclSuccess);
    EXPECT_TRUE(here.received() == from_everybody(me.rank, me.ranks));
  });
}

TEST(Movement, PingPongWithoutAGroup) {
  expect_ranks(2, [](const Rank& me) {
    const Setting here(me);
    if (me.rank == 0) {
      ncclSend(here.send.get(), block, ncclInt8, 1, here.communicator, here.stream);
      ncclRecv(here.receive.get(), block, ncclInt8, 1, here.communicator, here.stream);
    } else {
      ncclRecv(here.receive.get(), block, ncclInt8, 0, here.communicator, here.stream);
      ncclSend(here.receive.get(), block, ncclInt8, 0, here.communicator, here.stream);
    }
    EXPECT_TRUE(here.first_block() == blocks(0, 0, 1));
  });
}

TEST(Movement, SizesThatDoNotMatchAreReported) {
  expect_ranks(2, [](const Rank& me) {
    const Setting here(me);
    ncclBroadcast(here.send.get(), here.receive.get(), me.rank == 0 ? 10 : 20, ncclInt8, 0, here.communicator,
                  here.stream);
    if (me.rank == 0) {
      EXPECT_EQ(cudaStreamSynchronize(here.stream), cudaSuccess) << "it has sent";
    } else {
      ncclResult_t state = ncclSuccess;
      while (state == ncclSuccess) {
        ncclCommGetAsyncError(here.communicator, &state);
      }
      EXPECT_EQ(state, ncclInternalError);
      EXPECT_NE(std::string(ncclGetLastError(nullptr)).find("expects 20 bytes"), std::string::npos);
    }
    EXPECT_EQ(ncclCommAbort(here.communicator), ncclSuccess);
    EXPECT_EQ(cudaStreamSynchronize(here.stream), cudaSuccess);
  });
}

}  // namespace
}  // namespace hockney::gpu_double
