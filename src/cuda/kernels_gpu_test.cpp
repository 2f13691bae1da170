#include <chrono>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

#include "cuda/device.hpp"
#include "cuda/error.hpp"
#include "cuda/kernels.hpp"

namespace hockney::cuda {
namespace {

// A table whose elements differ from each other in every byte that their width leaves
pattern::PatternTable table_of_width(std::uint32_t width, std::uint32_t phase) {
  pattern::PatternTable table;
  table.width = width;
  table.phase = phase;
  for (std::uint32_t i = 0; i < pattern::PatternTable::period; ++i) {
    table.bits[i] = (i + 1) * 0x0101010101010101ULL;
  }
  return table;
}

std::vector<std::byte> to_host(std::span<const std::byte> device) {
  std::vector<std::byte> host(device.size());
  check(cudaMemcpy(host.data(), device.data(), host.size(), cudaMemcpyDeviceToHost));
  return host;
}

std::uint64_t wrong_elements(const Stream& stream, std::span<const std::byte> buffer,
                             const pattern::PatternTable& table) {
  const DeviceBuffer count(Bytes{sizeof(std::uint64_t)});
  fill_bytes(stream, count.bytes(), 0);
  count_wrong(stream, buffer, table, reinterpret_cast<std::uint64_t*>(count.bytes().data()));
  stream.synchronise();
  std::uint64_t wrong = 0;
  check(cudaMemcpy(&wrong, count.bytes().data(), sizeof(wrong), cudaMemcpyDeviceToHost));
  return wrong;
}

// Waits for an event without blocking; false when it does not come
bool comes(const Event& event) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!event.is_done()) {
    if (std::chrono::steady_clock::now() > limit) {
      return false;
    }
    std::this_thread::yield();
  }
  return true;
}

struct Shape {
  std::uint32_t width;
  std::uint64_t elements;
  std::uint32_t phase;
};

class Fill : public ::testing::TestWithParam<Shape> {};

TEST_P(Fill, WritesWhatTheHostWrites) {
  const auto [width, elements, phase] = GetParam();
  const pattern::PatternTable table = table_of_width(width, phase);
  const Stream stream;
  const DeviceBuffer buffer(Bytes{elements * width + 8});
  fill_bytes(stream, buffer.bytes(), 0xFF);
  fill_pattern(stream, buffer.bytes().first(elements * width), table);
  stream.synchronise();

  std::vector<std::byte> expected(buffer.bytes().size(), std::byte{0xFF});
  pattern::fill_host(std::span(expected).first(elements * width), table);
  EXPECT_EQ(to_host(buffer.bytes()), expected);
}

TEST_P(Fill, CountsEveryElementThatDiffers) {
  const auto [width, elements, phase] = GetParam();
  const pattern::PatternTable table = table_of_width(width, phase);
  const Stream stream;
  const DeviceBuffer buffer(Bytes{elements * width});
  fill_pattern(stream, buffer.bytes(), table);
  EXPECT_EQ(wrong_elements(stream, buffer.bytes(), table), 0U);

  fill_bytes(stream, buffer.bytes().last(1), 0xFF);
  EXPECT_EQ(wrong_elements(stream, buffer.bytes(), table), 1U);
  fill_bytes(stream, buffer.bytes().first(1), 0xFF);
  EXPECT_EQ(wrong_elements(stream, buffer.bytes(), table), elements == 1 ? 1U : 2U);
  fill_bytes(stream, buffer.bytes(), 0xFF);
  EXPECT_EQ(wrong_elements(stream, buffer.bytes(), table), elements);
}

TEST_P(Fill, AShiftedPatternIsWrongEverywhere) {
  const auto [width, elements, phase] = GetParam();
  const Stream stream;
  const DeviceBuffer buffer(Bytes{elements * width});
  fill_pattern(stream, buffer.bytes(), table_of_width(width, phase));
  const pattern::PatternTable shifted = table_of_width(width, (phase + 1) % pattern::PatternTable::period);
  EXPECT_EQ(wrong_elements(stream, buffer.bytes(), shifted), elements);
}

INSTANTIATE_TEST_SUITE_P(Shapes, Fill,
                         ::testing::Values(Shape{1, 1, 0}, Shape{1, 255, 126}, Shape{1, 1'000'003, 5}, Shape{2, 1, 7},
                                           Shape{2, 257, 0}, Shape{2, 700'001, 126}, Shape{4, 33, 1},
                                           Shape{4, 600'011, 64}, Shape{8, 127, 3}, Shape{8, 524'309, 125}));

TEST(FillPattern, NothingIsQueuedForAnEmptyBuffer) {
  const Stream stream;
  fill_pattern(stream, {}, table_of_width(4, 0));
  EXPECT_EQ(wrong_elements(stream, {}, table_of_width(4, 0)), 0U);
}

TEST(Gate, HoldsTheStreamUntilTheHostOpensIt) {
  const Stream stream;
  MappedWord open;
  const MappedWord timed_out;
  Event behind;
  queue_gate(stream, open, 3, timed_out, Seconds(60));
  behind.record(stream);
  open.store(2);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(behind.is_done());
  open.store(3);
  ASSERT_TRUE(comes(behind));
  EXPECT_EQ(timed_out.load(), 0U);
}

TEST(Gate, AnOlderTicketIsOpenAlready) {
  const Stream stream;
  MappedWord open;
  const MappedWord timed_out;
  open.store(7);
  queue_gate(stream, open, 6, timed_out, Seconds(60));
  Event behind;
  behind.record(stream);
  ASSERT_TRUE(comes(behind));
  EXPECT_EQ(timed_out.load(), 0U);
}

TEST(Gate, OpensByItselfAndSaysSo) {
  const Stream stream;
  const MappedWord open;
  const MappedWord timed_out;
  queue_gate(stream, open, 1, timed_out, Seconds(0.002));
  Event behind;
  behind.record(stream);
  ASSERT_TRUE(comes(behind));
  EXPECT_EQ(timed_out.load(), gate_timed_out);
}

TEST(GraphCapture, ReplaysWhatWasQueued) {
  const Stream stream;
  const pattern::PatternTable table = table_of_width(4, 9);
  const DeviceBuffer from(Bytes{4 * 1001});
  const DeviceBuffer to(Bytes{4 * 1001});
  const Graph graph = Graph::capture(stream, [&] {
    fill_pattern(stream, from.bytes(), table);
    copy(stream, from.bytes(), to.bytes());
  });
  for (int replay = 0; replay < 3; ++replay) {
    fill_bytes(stream, to.bytes(), 0xFF);
    EXPECT_EQ(wrong_elements(stream, to.bytes(), table), 1001U);
    graph.launch(stream);
    EXPECT_EQ(wrong_elements(stream, to.bytes(), table), 0U);
  }
}

TEST(GraphCapture, AnExceptionLeavesTheStreamUsable) {
  const Stream stream;
  EXPECT_THROW(Graph::capture(stream, [] { throw std::runtime_error("queueing failed"); }), std::runtime_error);
  const DeviceBuffer buffer(Bytes{64});
  fill_pattern(stream, buffer.bytes(), table_of_width(8, 0));
  EXPECT_EQ(wrong_elements(stream, buffer.bytes(), table_of_width(8, 0)), 0U);
}

TEST(Events, TimeOnTheGpuIsAtLeastWhatTheKernelTakes) {
  const Stream stream;
  Event begin;
  Event end;
  begin.record(stream);
  queue_busy(stream, Seconds(0.005));
  end.record(stream);
  ASSERT_TRUE(comes(end));
  EXPECT_GE(end.since(begin).count(), 0.0049);
}

TEST(Events, TheFloorOfAnEmptyPairIsNotNegative) {
  const Stream stream;
  Event begin;
  Event end;
  begin.record(stream);
  end.record(stream);
  ASSERT_TRUE(comes(end));
  EXPECT_GE(end.since(begin).count(), 0.0);
}

TEST(Globaltimer, Moves) {
  const Stream stream;
  const Seconds step = measure_globaltimer_step(stream);
  EXPECT_GT(step.count(), 0.0);
  EXPECT_LT(step.count(), 0.01);
}

TEST(DeviceBuffer, IsAlignedAndRefusesWhatIsNotThere) {
  const DeviceBuffer buffer(Bytes{3});
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.bytes().data()) % 256, 0U);
  EXPECT_THROW(DeviceBuffer(Bytes{1ULL << 50}), CannotRun);
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
}

TEST(VisibleDevices, AreDescribed) {
  for (const Device& device : visible_devices()) {
    EXPECT_EQ(device.uuid.size(), 40U) << device.uuid;
    EXPECT_FALSE(device.name.empty());
    EXPECT_GT(device.memory.count, 0U);
    EXPECT_GT(device.compute_major, 0);
    EXPECT_NE(device.pci_bus_id.find(':'), std::string::npos);
  }
  EXPECT_GT(free_memory().count, 0U);
}

}  // namespace
}  // namespace hockney::cuda
