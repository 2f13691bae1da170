#include "import/tables/column.hpp"

#include <gtest/gtest.h>

namespace hockney::import {
namespace {

TEST(ReadHeading, FindsWhatAColumnHolds) {
  const auto expect = [](const char* heading, ColumnRole role, double factor, bool in_place = false) {
    const Column column = read_heading(heading);
    EXPECT_EQ(column.role, role) << heading;
    EXPECT_EQ(column.unit ? column.unit->factor : 0, factor) << heading;
    EXPECT_EQ(column.series.in_place, in_place) << heading;
    EXPECT_EQ(column.series.method, "") << heading;
  };
  expect("size(B)", ColumnRole::size, 1);
  expect("message_size", ColumnRole::size, 0);
  expect("size_bytes", ColumnRole::size, 1);
  expect("Size (MiB)", ColumnRole::size, 1 << 20);
  expect("Msg size [KB]", ColumnRole::size, 1 << 10);
  expect("Payload Sz", ColumnRole::size, 0);
  expect("#bytes", ColumnRole::size, 1);
  expect("count(elems)", ColumnRole::count, 1);
  expect("time_us_in_place", ColumnRole::time, 1, true);
  expect("time(ns)", ColumnRole::time, 1e-3);
  expect("latency [us]", ColumnRole::time, 1);
  expect("Time (ms)", ColumnRole::time, 1e3);
  expect("time:avg(us)", ColumnRole::time, 1);
  expect("t_max[usec]", ColumnRole::time, 1);
  expect("in algbw(GB/s)", ColumnRole::algbw, 1, true);
  expect("out busbw (GB/s)", ColumnRole::busbw, 1);
  expect("busbw(GB/s)", ColumnRole::busbw, 1);
  expect("Mbytes/sec", ColumnRole::algbw, 1e-3);
  expect("inplace", ColumnRole::in_place, 0);
  expect("#wrong", ColumnRole::wrong, 0);
  expect("num_gpus", ColumnRole::ranks, 0);
  expect("#repetitions", ColumnRole::iterations, 0);
  expect("time(GB/s)", ColumnRole::other, 0);
  expect("speedup", ColumnRole::other, 0);
  expect("warmup time (us)", ColumnRole::other, 0);
}

TEST(ReadHeading, TakesWhatIsLeftForTheNameOfAMethod) {
  EXPECT_EQ(read_heading("NVSHMEM BW (GB/s)").series.method, "NVSHMEM");
  EXPECT_TRUE(read_heading("NVSHMEM BW (GB/s)").either_bandwidth);
  EXPECT_EQ(read_heading("UCC Ring (us)").series.method, "UCC Ring");
  EXPECT_EQ(read_heading("UCC Ring (us)").role, ColumnRole::time);
  EXPECT_EQ(read_heading("gloo").series.method, "gloo");
  EXPECT_EQ(read_heading("gloo").role, ColumnRole::other);
}

TEST(ReadHeading, TakesRanksNodesAndSizesForCurvesOfTheirOwn) {
  EXPECT_EQ(read_heading("16 GPUs (us)").series.facts.ranks, 16U);
  EXPECT_EQ(read_heading("16 GPUs").role, ColumnRole::value);
  EXPECT_EQ(read_heading("2 nodes").series.facts.nodes, 2U);
  EXPECT_EQ(read_heading("AllGather (us)").series.facts.operation, Operation::all_gather);
  EXPECT_EQ(read_heading("64 KiB").series.size.value().number.value, 64);
  EXPECT_EQ(read_heading("KB per rank").size_per_rank, true);
}

TEST(ReadHeader, TakesTheSecondOfTwoColumnsForTheOneInPlace) {
  const auto columns = read_header({"size(B)", "time(us)", "busbw(GB/s)", "time(us)", "busbw(GB/s)"});
  EXPECT_FALSE(columns[1].series.in_place);
  EXPECT_TRUE(columns[3].series.in_place);
  EXPECT_TRUE(columns[4].series.in_place);
  EXPECT_TRUE(is_header(columns));
  EXPECT_FALSE(is_header(read_header({"size", "nvlink"})));
  EXPECT_TRUE(read_header({"size", "time", "time.1"})[2].series.in_place);
  EXPECT_EQ(read_header({"size", "NCCL 2", "NCCL 2.1"})[2].series.key(), read_heading("NCCL 2.1").series.key());
  EXPECT_FALSE(read_header({"size", "time_us", "time_ms"})[2].series.in_place) << "once more in another unit";
  EXPECT_FALSE(read_header({"size", "time_us", "latency_us"})[2].series.in_place);
}

TEST(ReadHeading, TakesTheSizesOfTracesForElements) {
  EXPECT_EQ(read_heading("in_msg_size").role, ColumnRole::count);
  EXPECT_EQ(read_heading("Out msg nelems").role, ColumnRole::count);
}

TEST(ReadHeading, KnowsWhatIsNoMeasurement) {
  for (const char* heading : {"predicted (us)", "Expected busbw (GB/s)", "theoretical_us", "ci_low_us", "stderr (us)",
                              "overhead_us", "compute (ms)", "target busbw"}) {
    EXPECT_EQ(read_heading(heading).role, ColumnRole::other) << heading;
  }
}

}  // namespace
}  // namespace hockney::import
