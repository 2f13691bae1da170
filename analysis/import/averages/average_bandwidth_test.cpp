#include "import/averages/average_bandwidth.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace hockney::import {
namespace {

ImportedTable only_table(const std::string& text) {
  ImportOptions options;
  options.nodes = 2;
  return import_average_bandwidths(text_of(text), "job7.txt", options).tables.at(0);
}

TEST(AverageBandwidth, IsAPointOfThePayloadsTime) {
  const ImportedTable table = only_table(
      "(head, rank=0, pid=1) [a:0]:The average bandwidth of all_reduce with a 4.0GB payload (5 trials, 16 ranks):\n"
      "(head, rank=0, pid=1) [a:0]: algbw: 10.000 GBps (80.0 Gbps)\n"
      "(head, rank=0, pid=1) [a:0]: busbw: 18.750 GBps (150.0 Gbps)\n");
  ASSERT_TRUE(table.launch) << table.refusal;
  ASSERT_EQ(table.launch->measurements.size(), 1U);
  const Measurement& point = table.launch->measurements[0];
  EXPECT_EQ(point.point.payload.count, 4'000'000'000U);
  EXPECT_EQ(point.point.group.ranks, 16U);
  EXPECT_DOUBLE_EQ(point.elapsed[0], 0.4);
  EXPECT_EQ(point.iterations_averaged, 5U);
}

TEST(AverageBandwidth, IsRefusedWhereItContradictsItsRanks) {
  const ImportedTable table = only_table(
      "The average bandwidth of all_reduce with a 4.0GB payload (5 trials, 16 ranks):\n"
      " algbw: 10.000 GBps (80.0 Gbps)\n busbw: 16.650 GBps (133.2 Gbps)\n");
  EXPECT_FALSE(table.launch);
  EXPECT_EQ(table.refusal, "line 1: busbw / algbw is 1.665, but 16 ranks give 1.875");
}

TEST(AverageBandwidth, IsRefusedWithoutItsNumbers) {
  for (const char* text :
       {"The average bandwidth of all_reduce with a big payload (5 trials, 16 ranks):\nalgbw: 1 GBps\n",
        "The average bandwidth of all_reduce with a 4.0GB payload (5 trials, 16 ranks):\n",
        "The average bandwidth of nothing with a 4.0GB payload (5 trials, 16 ranks):\nalgbw: 1 GBps\n"}) {
    EXPECT_FALSE(only_table(text).launch) << text;
  }
  EXPECT_THROW(only_table("hello\n"), InputError);
}

}  // namespace
}  // namespace hockney::import
