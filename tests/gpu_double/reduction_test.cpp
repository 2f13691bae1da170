#include <algorithm>
#include <gtest/gtest.h>
#include <numeric>

#include "device_data.hpp"
#include "number_format.hpp"
#include "ranks.hpp"

namespace hockney::gpu_double {
namespace {

constexpr std::size_t count = 37;  // no multiple of the ranks
constexpr std::array operators{ncclSum, ncclProd, ncclMax, ncclMin, ncclAvg};

// Small numbers, so that every format holds every result exactly.
double input(const NumberFormat& format, int rank, std::size_t i) {
  const auto value = static_cast<double>((i + 3 * static_cast<std::size_t>(rank)) % 4 + (rank == 0 ? 0 : 1));
  return format.is_signed && i % 3 == 0 && value != 0 ? -value : value;
}

// Averages of small floats over 3 ranks are rounded on the way and have no exact answer.
bool has_exact_answer(const NumberFormat& format, ncclRedOp_t op, int ranks) {
  return op != ncclAvg || format.is_integer() || ranks == 2;
}

double expected(const NumberFormat& format, ncclRedOp_t op, int ranks, std::size_t i) {
  std::vector<double> values;
  for (int rank = 0; rank < ranks; ++rank) {
    values.push_back(input(format, rank, i));
  }
  switch (op) {
    case ncclProd:
      return std::accumulate(values.begin(), values.end(), 1.0, std::multiplies<>());
    case ncclMax:
      return *std::max_element(values.begin(), values.end());
    case ncclMin:
      return *std::min_element(values.begin(), values.end());
    default:
      break;
  }
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  return op == ncclSum ? sum : format.is_integer() ? std::trunc(sum / ranks) : sum / ranks;
}

template <class Value>
std::vector<double> elements(std::size_t first, std::size_t elements_wanted, Value&& value) {
  std::vector<double> result;
  for (std::size_t i = first; i < first + elements_wanted; ++i) {
    result.push_back(value(i));
  }
  return result;
}

/// All three reducing operations in one format and reduction, out of place and in place.
void check(const NumberFormat& format, ncclRedOp_t op, const Rank& me, ncclComm_t communicator, cudaStream_t stream) {
  SCOPED_TRACE(std::string(format.name) + ", reduction " + std::to_string(op));
  const auto rank = static_cast<std::size_t>(me.rank);
  const auto ranks = static_cast<std::size_t>(me.ranks);
  const auto mine = [&](std::size_t i) { return input(format, me.rank, i); };
  const auto reduced = [&](std::size_t i) { return expected(format, op, me.ranks, i); };
  const DeviceData send(format.encode(elements(0, ranks * count, mine)));
  const DeviceData all(count * format.size);
  const DeviceData block(count * format.size);
  const DeviceData root(std::vector<std::byte>(count * format.size));
  const DeviceData in_place(format.encode(elements(0, count, mine)));
  ncclAllReduce(send.get(), all.get(), count, format.type, op, communicator, stream);
  ncclReduceScatter(send.get(), block.get(), count, format.type, op, communicator, stream);
  ncclReduce(send.get(), root.get(), count, format.type, op, me.ranks - 1, communicator, stream);
  ncclAllReduce(in_place.get(), in_place.get(), count, format.type, op, communicator, stream);
  EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
  const auto answer = format.encode(elements(0, count, reduced));
  EXPECT_EQ(all.copy(), answer);
  EXPECT_EQ(in_place.copy(), answer);
  EXPECT_EQ(block.copy(), format.encode(elements(rank * count, count, reduced)));
  EXPECT_EQ(root.copy(), me.rank == me.ranks - 1 ? answer : std::vector<std::byte>(count * format.size));
}

class Reduction : public testing::TestWithParam<int> {};

TEST_P(Reduction, EveryTypeAndReductionGivesTheExactAnswer) {
  expect_ranks(GetParam(), [](const Rank& me) {
    const ncclComm_t communicator = me.connect();
    const cudaStream_t stream = new_stream();
    for (const NumberFormat& format : number_formats()) {
      for (const ncclRedOp_t op : operators) {
        if (has_exact_answer(format, op, me.ranks)) {
          check(format, op, me, communicator, stream);
        }
      }
    }
    EXPECT_EQ(ncclCommFinalize(communicator), ncclSuccess);
    EXPECT_EQ(ncclCommDestroy(communicator), ncclSuccess);
  });
}

INSTANTIATE_TEST_SUITE_P(Ranks, Reduction, testing::Values(1, 2, 3));

TEST(Reduction, MessagesLargerThanTheSharedMemoryArrive) {
  expect_ranks(2, [](const Rank& me) {
    const ncclComm_t communicator = me.connect();
    const cudaStream_t stream = new_stream();
    const NumberFormat& format = number_formats()[7];
    constexpr std::size_t large = 1 << 20;
    const auto mine = [&](std::size_t i) { return input(format, me.rank, i); };
    const DeviceData data(format.encode(elements(0, large, mine)));
    ncclAllReduce(data.get(), data.get(), large, format.type, ncclSum, communicator, stream);
    EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
    const auto reduced = [&](std::size_t i) { return expected(format, ncclSum, me.ranks, i); };
    EXPECT_TRUE(data.copy() == format.encode(elements(0, large, reduced)));
  });
}

}  // namespace
}  // namespace hockney::gpu_double
