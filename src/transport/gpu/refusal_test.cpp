#include "transport/gpu/refusal.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace hockney::transport::gpu {
namespace {

constexpr GpuAbilities h100{
    .nccl_version = 22809, .compute_capability = 90, .usable_memory = gibibytes(70), .cache_size = mebibytes(50)};

Case on_node() {
  Case point;
  point.transport = TransportKind::nccl;
  point.fabric = Fabric::nvswitch;
  point.group = {.ranks = 8, .ranks_per_node = 8};
  point.payload = mebibytes(1);
  point.mode = Mode::isolated;
  return point;
}

bool says(const Case& point, const GpuAbilities& abilities, std::string_view text) {
  const auto reason = why_not_on_gpu(point, abilities);
  return reason && reason->find(text) != std::string::npos;
}

TEST(WhyNotOnGpu, AnOrdinaryAllReduceRuns) { EXPECT_EQ(why_not_on_gpu(on_node(), h100), std::nullopt); }

TEST(WhyNotOnGpu, TheNetworkWithinANodeTakesALaunchOfItsOwn) {
  Case point = on_node();
  GpuAbilities forced = h100;
  forced.forces_network = true;
  EXPECT_TRUE(says(point, forced, "forces the network"));
  point.fabric = Fabric::infiniband;
  EXPECT_TRUE(says(point, h100, "--force-network"));
  EXPECT_EQ(why_not_on_gpu(point, forced), std::nullopt);
}

TEST(WhyNotOnGpu, RanksThatShareAGpuTakeWhateverPathThereIs) {
  Case point = on_node();
  GpuAbilities shared = h100;
  shared.shares_gpu = true;
  for (const Fabric fabric : {Fabric::tcp, Fabric::device_memory, Fabric::nvswitch}) {
    point.fabric = fabric;
    EXPECT_EQ(why_not_on_gpu(point, shared), std::nullopt);
  }
}

TEST(WhyNotOnGpu, ARailNeedsNoForce) {
  Case point = on_node();
  point.group = {.ranks = 4, .ranks_per_node = 1, .stride = 8};
  point.fabric = Fabric::infiniband;
  EXPECT_EQ(why_not_on_gpu(point, h100), std::nullopt);
}

TEST(WhyNotOnGpu, EightBitFloatsNeedTheGpuAndTheNccl) {
  Case point = on_node();
  point.element = Element::float8e4m3;
  EXPECT_EQ(why_not_on_gpu(point, h100), std::nullopt);
  GpuAbilities older = h100;
  older.compute_capability = 80;
  EXPECT_TRUE(says(point, older, "8.0"));
  point.become(Operation::all_gather);
  EXPECT_EQ(why_not_on_gpu(point, older), std::nullopt);
  older.nccl_version = 22304;
  EXPECT_TRUE(says(point, older, "2.24"));
}

TEST(WhyNotOnGpu, SwitchesReduceForNewerGpusOnly) {
  Case point = on_node();
  GpuAbilities a100 = h100;
  a100.compute_capability = 80;
  for (const std::string algorithm : {"nvls", "nvlstree"}) {
    point.algorithm = algorithm;
    EXPECT_EQ(why_not_on_gpu(point, h100), std::nullopt);
    EXPECT_TRUE(says(point, a100, algorithm + " needs GPUs of compute capability 9.0"));
  }
}

TEST(WhyNotOnGpu, TheCallForAnAllToAllCameWithNccl228) {
  Case point = on_node();
  point.become(Operation::all_to_all);
  GpuAbilities older = h100;
  older.nccl_version = 22707;
  EXPECT_EQ(why_not_on_gpu(point, older), std::nullopt) << "sends and receives are in every NCCL";
  point.native = true;
  EXPECT_TRUE(says(point, older, "NCCL's own call for all_to_all needs NCCL 2.28"));
  older.nccl_version = 22803;
  EXPECT_EQ(why_not_on_gpu(point, older), std::nullopt);
}

TEST(WhyNotOnGpu, MemoryCountsEverySetOfBuffers) {
  Case point = on_node();
  point.payload = gibibytes(2);
  EXPECT_EQ(why_not_on_gpu(point, h100), std::nullopt);
  point.in_place = true;
  point.mode = Mode::stream;
  EXPECT_EQ(why_not_on_gpu(point, h100).has_value(), memory_per_rank(point, h100.cache_size) > h100.usable_memory);
  point.payload = gibibytes(40);
  EXPECT_TRUE(says(point, h100, "GPU memory"));
}

TEST(WhyNotOnGpu, MemoryFromNcclComesInWholeSteps) {
  Case point = on_node();
  point.buffers = Buffers::registered;
  point.cache = Cache::rotate;
  GpuAbilities older = h100;
  older.usable_memory = gibibytes(49);
  EXPECT_EQ(why_not_on_gpu(point, older), std::nullopt) << "50 sets of two buffers of 1 MiB";
  older.allocation_step = mebibytes(512);
  EXPECT_TRUE(says(point, older, "needs 50 GiB of GPU memory"));
  point.buffers = Buffers::plain;
  EXPECT_EQ(why_not_on_gpu(point, older), std::nullopt) << "cudaMalloc rounds by little";
}

TEST(MemoryOnGpu, RoundsEveryBufferOfNcclUp) {
  Case point = on_node();
  point.payload = kibibytes(1536);
  GpuAbilities coarse = h100;
  coarse.allocation_step = mebibytes(1);
  EXPECT_EQ(memory_on_gpu(point, coarse), mebibytes(3)) << "plain buffers: one to send, one to receive";
  point.buffers = Buffers::symmetric_window;
  EXPECT_EQ(memory_on_gpu(point, coarse), mebibytes(4));
  point.in_place = true;
  EXPECT_EQ(memory_on_gpu(point, coarse), kibibytes(2048 + 1536)) << "the pristine copy is not NCCL's";
  coarse.allocation_step = {};
  EXPECT_EQ(memory_on_gpu(point, coarse), mebibytes(3)) << "not known: as it is";
}

TEST(MemoryOnGpu, OfUnevenBlocksRoundsWhatTheBusiestRankReceives) {
  Case point = on_node();
  point.become(Operation::all_to_all_v);
  point.own = Routing{100, {}, {}};  // everything goes to rank 0
  point.payload = kibibytes(512);
  point.buffers = Buffers::registered;
  GpuAbilities coarse = h100;
  coarse.allocation_step = mebibytes(3);
  const std::uint64_t received = point.payload.count * point.group.ranks;
  ASSERT_EQ(memory_per_rank(point, h100.cache_size).count, point.payload.count + received);
  EXPECT_EQ(memory_on_gpu(point, coarse).count,
            mebibytes(3).count * (1 + (received + mebibytes(3).count - 1) / mebibytes(3).count));
}

TEST(WhyNotOnGpu, OneRankAloneHasNothingToPin) {
  Case point = on_node();
  point.group = {.ranks = 1, .ranks_per_node = 1};
  EXPECT_EQ(why_not_on_gpu(point, h100), std::nullopt);
  point.algorithm = "ring";
  EXPECT_TRUE(says(point, h100, "one rank alone"));
}

TEST(WhyNotOnGpu, QueuesBeyondTheLaunchQueueWouldDeadlockBehindTheGate) {
  Case point = on_node();
  point.become(Operation::pipeline_forward_backward);
  point.mode = Mode::stream;
  point.set_micro_batches(64);
  EXPECT_EQ(why_not_on_gpu(point, h100), std::nullopt);
  point.set_micro_batches(65);
  EXPECT_TRUE(says(point, h100, "queued"));
}

TEST(WhyNotOnGpu, SymmetricWindowsNeedTheirNccl) {
  Case point = on_node();
  point.buffers = Buffers::symmetric_window;
  GpuAbilities older = h100;
  older.nccl_version = 22605;
  EXPECT_TRUE(says(point, older, "2.27"));
  EXPECT_EQ(why_not_on_gpu(point, h100), std::nullopt);
}

TEST(WhyNotOnGpu, APinThatDoesNotGoWithTheOperationIsAReason) {
  Case point = on_node();
  point.algorithm = "nvls";
  point.protocol = "ll";
  EXPECT_TRUE(says(point, h100, "nvls"));
  point.protocol = "simple";
  EXPECT_EQ(why_not_on_gpu(point, h100), std::nullopt);
}

TEST(WhyNotOnGpu, MessagesOfManyRanksFillNcclsQueue) {
  Case point = on_node();
  point.become(Operation::all_to_all);
  point.mode = Mode::stream;
  point.fabric = Fabric::infiniband;
  point.group = {.ranks = 256, .ranks_per_node = 8};
  EXPECT_EQ(why_not_on_gpu(point, h100), std::nullopt);
  point.group.ranks = 264;
  EXPECT_TRUE(says(point, h100, "messages"));
}

TEST(WhyNotOnGpu, AnUnknownPinIsBadInput) {
  Case point = on_node();
  point.algorithm = "rng";
  EXPECT_THROW(why_not_on_gpu(point, h100), InputError);
}

}  // namespace
}  // namespace hockney::transport::gpu
