#include <gtest/gtest.h>

#include "import/tables/written_tables_fixture.hpp"

namespace hockney::import {
namespace {

using namespace fixture;

// Tables in the layouts in which people post them. All numbers are made up.

TEST(SeveralTables, HaveTheirOwnHeadings) {
  const ImportedFile file = import(
      "### 2 nodes (16 GPUs), all_reduce\n\n| size (B) | time (us) |\n|---|---|\n| 1048576 | 100.0 |\n\n"
      "### 4 nodes (32 GPUs), all_gather\n\n| bytes | total size | time (ms) |\n|---|---|---|\n| 33554432 | x | 6.25 "
      "|\n",
      sizes_in_all());
  ASSERT_EQ(file.tables.size(), 2U);
  EXPECT_EQ(point_of(file, 0, 0).point.group.ranks, 16U);
  EXPECT_EQ(point_of(file, 0, 0).point.group.ranks_per_node, 8U);
  EXPECT_NEAR(us_of(file, 0, 0), 100, 1e-9);
  EXPECT_EQ(point_of(file, 1, 0).point.operation, Operation::all_gather);
  EXPECT_EQ(point_of(file, 1, 0).point.group.ranks, 32U);
  EXPECT_NEAR(us_of(file, 1, 0), 6250, 1e-9);
}

TEST(SeveralTables, EndWhereTheTextBetweenSaysSomethingElse) {
  const ImportedFile file =
      import("all_reduce\nsize(B),time(us)\n# 4 ranks\n1024,10.5\n# 8 ranks\n1024,12.5\n", one_node());
  ASSERT_EQ(file.tables.size(), 2U) << report(file);
  EXPECT_EQ(point_of(file, 0, 0).point.group.ranks, 4U);
  EXPECT_EQ(point_of(file, 1, 0).point.group.ranks, 8U);
}

TEST(SeveralTables, GoBeforeAFlagThatCannotBeTrueOfAll) {
  const ImportedFile file = import(
      "all_reduce with 8 GPUs\nsize(B),time(us)\n1024,10.5\nall_reduce with 16 GPUs\nsize(B),time(us)\n1024,12.5\n",
      on(8, 1));
  EXPECT_EQ(point_of(file, 1, 0).point.group.ranks, 16U);
  EXPECT_TRUE(has_note(file.tables.at(1), "the text above the table says 16, --ranks says 8: the text is used"));
}

TEST(ColumnsOfMethods, BecomeCurvesOfTheirOwn) {
  const ImportedFile file = import(
      "| Payload Sz | Yours (µs) | NCCL (µs) |\n|---|---|---|\n| 128B | 204.18 | 19.19 |\n| 1KB | 191.63 | 19.50 |\n",
      on(8, 1));
  ASSERT_EQ(file.tables.size(), 2U);
  EXPECT_EQ(method_of(file, 0), "Yours");
  EXPECT_EQ(method_of(file, 1), "NCCL");
  EXPECT_NEAR(us_of(file, 1, 1), 19.5, 1e-9);
  EXPECT_EQ(point_of(file, 1, 1).point.payload.count, 1024U);
}

TEST(ColumnsOfMethods, MayHaveTheirUnitsInTheCells) {
  const ImportedFile file = import("size\tNCCL\tgloo\n1KB\t0.16ms\t39us\n2KB \t0.06ms\t0.04ms\n", on(8, 1));
  EXPECT_NEAR(us_of(file, 0, 0), 160, 1e-9);
  EXPECT_NEAR(us_of(file, 1, 0), 39, 1e-9);
}

TEST(ColumnsOfMethods, TakeTheUnitOfTheTextAbove) {
  const ImportedFile file = import(
      "Results (avg ms across 4 ranks):\n    Size  CustomAR  Torch\n------------------------\n     32K     0.049  "
      "0.090\n"
      "      1M     0.044  None\n",
      on(4, 1));
  ASSERT_EQ(file.tables.size(), 2U) << report(file);
  EXPECT_NEAR(us_of(file, 0, 1), 44, 1e-9);
  ASSERT_EQ(file.refused.size(), 1U);
  EXPECT_EQ(file.refused[0].reason, "column 'Torch' is 'None', which is no time");
}

TEST(ColumnsOfRanks, BecomeCurvesOfTheirOwn) {
  const ImportedFile file = import(
      "AllReduce, 8 GPUs per node\n| Msg size | 8 GPUs (us) | 16 GPUs (us) |\n|--|--:|--:|\n| 1 MiB | 55.5 | 90.1 |\n",
      {});
  ASSERT_EQ(file.tables.size(), 1U);
  EXPECT_EQ(point_of(file, 0, 0).point.group.nodes(), 1U);
  EXPECT_EQ(point_of(file, 0, 1).point.group.ranks, 16U);
  EXPECT_EQ(point_of(file, 0, 1).point.group.nodes(), 2U);
  EXPECT_NEAR(us_of(file, 0, 1), 90.1, 1e-9);
}

TEST(ColumnsOfNodes, HaveTheRanksPerNodeOfTheTextAbove) {
  const ImportedFile file =
      import("AllReduce latency (us), 8 GPUs per node\nSize(B)    1 node   2 nodes\n8          10.1     20.2\n", {});
  EXPECT_EQ(point_of(file, 0, 0).point.group.ranks, 8U);
  EXPECT_EQ(point_of(file, 0, 1).point.group.ranks, 16U);
  EXPECT_NEAR(us_of(file, 0, 1), 20.2, 1e-9);
}

TEST(ColumnsOfSizes, AreReadTransposed) {
  const ImportedFile file = import(
      "| Collective | 1 MiB | 16 MiB |\n|---|--:|--:|\n| allreduce | 35.2 us | 120.5 us |\n| broadcast | 30.2 us | "
      "1.25 ms |\n",
      on(8, 1, std::nullopt));
  ASSERT_EQ(file.tables.size(), 1U) << report(file);
  EXPECT_EQ(point_of(file, 0, 1).point.payload.count, 16U << 20);
  EXPECT_EQ(point_of(file, 0, 3).point.operation, Operation::broadcast);
  EXPECT_NEAR(us_of(file, 0, 3), 1250, 1e-9);
}

TEST(Layouts, ReadDrawnBoxesWithUnitsOnALineOfTheirOwn) {
  const ImportedFile file = import(
      "reduce_scatter, world_size=8, 1 node\n"
      "┌────────┬──────┬────────┐\n│ size   │ time │ busbw  │\n│ (MiB)  │ (ms) │ (GB/s) │\n├────────┼──────┼────────┤\n"
      "│ 64     │ 0.50 │ 117.44 │\n└────────┴──────┴────────┘\n",
      {});
  EXPECT_NEAR(us_of(file, 0, 0), 500, 1e-9);
  EXPECT_EQ(point_of(file, 0, 0).point.payload.count, 64U << 20);
}

TEST(Layouts, ReadLatex) {
  const ImportedFile file = import(
      "\\caption{All-Gather on 16 GPUs (2 nodes), sizes are per rank}\n\\begin{tabular}{lrr}\n\\toprule\n"
      "Size & NCCL ($\\mu$s) & Other ($\\mu$s) \\\\\n\\midrule\n1 KB & 12.3 & \\textbf{8.1} \\\\\n1 MB & 45.2 & 44.0 "
      "\\\\\n"
      "\\bottomrule\n\\end{tabular}\n",
      {});
  ASSERT_EQ(file.tables.size(), 2U) << report(file);
  EXPECT_EQ(point_of(file, 1, 0).point.payload.count, 16U << 10);
  EXPECT_NEAR(us_of(file, 1, 0), 8.1, 1e-9);
}

TEST(Layouts, ReadDecimalCommasAndTakeTheMedian) {
  const ImportedFile file = import(
      "Size (bytes)\tAvg (µs)\tP50 (µs)\tP99 (µs)\n1,024\t10,5\t10,1\t20,0\n1,048,576\t50,25\t49,1\t70,2\n", on(4, 1));
  EXPECT_EQ(point_of(file, 0, 0).point.payload.count, 1024U);
  EXPECT_NEAR(us_of(file, 0, 1), 49.1, 1e-9);
  EXPECT_TRUE(has_note(file.tables.at(0), "the time is 'P50 (us)'; not used: Avg (us), P99 (us)"));
}

TEST(Layouts, ReadKeysAndValuesAsRows) {
  const ImportedFile lines = import(
      "Running all_reduce on 8 ranks\nsize: 1.0 MB, time: 45.3 us, busbw: 40.5 GB/s\n"
      "size: 2.0 MB, time: 60.1 us, busbw: 61.1 GB/s\n",
      one_node());
  ASSERT_EQ(launch_of(lines, 0).measurements.size(), 2U);
  EXPECT_EQ(point_of(lines, 0, 1).point.payload.count, 2U << 20);
  EXPECT_NEAR(us_of(lines, 0, 1), 60.1, 1e-9);
  const ImportedFile file =
      import("all_reduce, 8 GPUs on 1 node\nMessage size: 1 MiB\nTime: 52.3 us\nBus bandwidth: 35.09 GB/s\n", {});
  EXPECT_NEAR(us_of(file, 0, 0), 52.3, 1e-9);
  const ImportedFile sentence = import(
      "The average bandwidth of all_reduce with a 40.0GB payload (5 trials, 16 ranks):\n algbw: 11.396 GBps (91.2 "
      "Gbps)\n"
      " busbw: 18.973 GBps (151.8 Gbps)\n",
      one_node());
  EXPECT_NE(sentence.tables.at(0).refusal.find("busbw of 16 ranks is 21.37 GB/s, the table says 18.97"),
            std::string::npos)
      << report(sentence);
}

TEST(Sizes, AreOfOneRankWhereTheBandwidthSaysSo) {
  // 4 KiB from each of 8 ranks in 100 us: 32 KiB / 100 us * 7 / 8 = 0.2867 GB/s of busbw
  const ImportedFile file = import(
      "All-Gather (world_size=8, dtype=torch.bfloat16)\n Size (KB) |  A Time (ms) |  A BW (GB/s)\n---\n 4 | 0.1000 | "
      "0.2867\n",
      one_node());
  EXPECT_EQ(point_of(file, 0, 0).point.payload.count, 32768U);
  EXPECT_EQ(point_of(file, 0, 0).point.element, Element::bfloat16);
  EXPECT_TRUE(has_note(file.tables.at(0), "sizes are of one rank, payload = size x ranks"));
  EXPECT_TRUE(has_note(file.tables.at(0), "the bandwidth is busbw"));
}

TEST(Sizes, BesideTheBandwidthsOfNcclTestsAreItsOwn) {
  const ImportedFile file =
      import("all_gather on 8 GPUs\nsize(MB),algbw(GB/s),busbw(GB/s)\n32,80.00,70.00\n", one_node());
  EXPECT_EQ(point_of(file, 0, 0).point.payload.count, 32U << 20);
}

TEST(Sizes, OfOperationsWithBlocksAreAskedForWhereNothingTells) {
  const std::string text = "all_gather on 8 GPUs\nsize(B),time(us)\n1024,10.5\n";
  EXPECT_NE(import(text, one_node()).tables.at(0).refusal.find("--sizes per-rank"), std::string::npos);
  ImportOptions options = one_node();
  options.size_per_rank = true;
  EXPECT_EQ(point_of(import(text, options), 0, 0).point.payload.count, 8192U);
}

TEST(Bandwidths, PrintedAsZeroRefuseNoRow) {
  EXPECT_EQ(launch_of(import("size(B) time(us) algbw(GB/s)\n8 993.51 0.00\n64 291.54 0.00\n", on(8, 1)), 0)
                .measurements.size(),
            2U);
}

TEST(Bandwidths, BeyondWhatAnyLinkHasAreRefused) {
  const ImportedFile bare = import("size(B),time(us)\n1073741824,6.2\n", on(8, 1));
  EXPECT_NE(bare.tables.at(0).refusal.find("bus bandwidth of 303100 GB/s, more than any link has"), std::string::npos);
  const ImportedFile printed =
      import("size(B),time(us),busbw(GB/s)\n1073741824,6.2,303.1\n2147483648,12.1,310.6\n", on(8, 1));
  EXPECT_NE(printed.tables.at(0).refusal.find("times in ms would fit"), std::string::npos) << printed.tables[0].refusal;
}

TEST(Times, ThatFallAsTheSizeGrowsAreDoubted) {
  const ImportedFile file = import("size(B),time(us)\n1024,500.0\n2048,12.0\n", on(8, 1));
  EXPECT_TRUE(has_note(file.tables.at(0), "doubtful: the time falls from 500 us at 1 KiB to 12 us at 2 KiB"))
      << report(file);
}

TEST(Imb, ReadsOperationRanksAndBothStatistics) {
  const ImportedFile file = import(
      "# Benchmarking Allreduce \n# #processes = 2 \n"
      "       #bytes #repetitions  t_min[usec]  t_max[usec]  t_avg[usec]\n      1048576          640       180.00      "
      " 220.00       200.00\n\n"
      "# Benchmarking Allgather \n# #processes = 4 \n"
      "       #bytes #repetitions  t_min[usec]  t_max[usec]  t_avg[usec]\n      1048576          640       650.00      "
      " 720.00       700.00\n",
      one_node());
  ASSERT_EQ(file.tables.size(), 4U) << report(file);
  EXPECT_EQ(point_of(file, 0, 0).statistic, Statistic::max_over_ranks);
  EXPECT_NEAR(us_of(file, 0, 0), 220, 1e-9);
  EXPECT_EQ(point_of(file, 0, 0).point.group.ranks, 2U);
  EXPECT_EQ(point_of(file, 0, 0).iterations_averaged, 640U);
  EXPECT_EQ(point_of(file, 0, 0).point.element, Element::float32);
  EXPECT_EQ(point_of(file, 1, 0).statistic, Statistic::mean_over_ranks);
  EXPECT_NEAR(us_of(file, 1, 0), 200, 1e-9);
  EXPECT_EQ(point_of(file, 2, 0).point.operation, Operation::all_gather);
  EXPECT_EQ(point_of(file, 2, 0).point.payload.count, 4U << 20);  // #bytes are one rank's
}

TEST(Imb, ReadsPingPongAndRefusesWhatHockneyHasNoOperationFor) {
  const ImportedFile file = import(
      "# Benchmarking PingPong \n# #processes = 2 \n       #bytes #repetitions      t[usec]   Mbytes/sec\n"
      "            0         1000         0.32         0.00\n      1000000         1000       500.00      2000.00\n"
      "# Benchmarking Sendrecv \n# #processes = 4 \n       #bytes #repetitions  t_min[usec]  t_max[usec]  t_avg[usec]  "
      " Mbytes/sec\n"
      "         1024         1000         0.50         0.60         0.55      3413.3\n",
      one_node());
  EXPECT_EQ(point_of(file, 0, 0).point.operation, Operation::ping_pong);
  EXPECT_EQ(file.tables.at(0).rows_of_size_zero, 1U);
  EXPECT_NE(file.tables.at(1).refusal.find("Sendrecv is a shift along a chain"), std::string::npos);
}

TEST(NccomTest, ReadsItsCommandAndItsGibibytes) {
  const ImportedFile file = import(
      "$ nccom-test -r 2 allr\n     size(B)    count(elems)     type    time(us)    algbw(GB/s)    busbw(GB/s)\n"
      "    33554432        33554432    uint8         768          40.69          40.69\nAvg bus bandwidth:      "
      "40.6901GB/s\n",
      {});
  EXPECT_EQ(point_of(file, 0, 0).point.group.ranks, 2U);
  EXPECT_EQ(point_of(file, 0, 0).point.group.nodes(), 1U);
  EXPECT_EQ(point_of(file, 0, 0).point.element, Element::uint8);
  EXPECT_EQ(point_of(file, 0, 0).iterations_averaged, 20U);
  EXPECT_NEAR(us_of(file, 0, 0), 768, 1e-9);
}

TEST(NccomTest, ReadsItsJson) {
  const ImportedFile file = import_sheets(
      read_json_sheets("{\n \"results\": [\n  {\"size(B)\": 65536, \"count(elems)\": 16384, \"type\": \"fp32\",\n"
                       "   \"algbw(GB/s)\": 7.4616, \"busbw(GB/s)\": 14.4568, \"time:avg(us)\": 8.18},\n"
                       "  {\"size(B)\": 131072, \"count(elems)\": 32768, \"type\": \"fp32\",\n"
                       "   \"algbw(GB/s)\": 12.2070, \"busbw(GB/s)\": 23.6511, \"time:avg(us)\": 10.0}\n ]\n}\n"),
      "report.json", on(32, 1));
  ASSERT_EQ(launch_of(file, 0).measurements.size(), 2U);
  EXPECT_EQ(point_of(file, 0, 1).point.payload.count, 131072U);
  EXPECT_NEAR(us_of(file, 0, 1), 10, 1e-9);
}

TEST(Tables, ListLinesThatLookLikeDataUnderNoHeader) {
  const ImportedFile file = import("1 2 3\nsize(B),time(us)\n8,16.3\n", on(8, 1));
  ASSERT_EQ(file.refused.size(), 1U);
  EXPECT_EQ(file.refused[0].line, 1U);
  EXPECT_EQ(totals(file).data_lines, 2U);
}

TEST(WrittenTables, AnOperationMayStandAmongOtherWordsOfItsCells) {
  const ImportedFile file = import(
      "\tCOMMS-RES\t size (B)\t num-elements\t Latency(us):p50\t p75\t AlgBW(GB/s)\t BusBW(GB/s)\n"
      "\tCOMMS-RES-all_reduce-float32\t 1048576\t 262144\t 50.00\t 51.00\t 20.972\t 36.700\n"
      "\tCOMMS-RES-all_reduce-float32\t 2097152\t 524288\t 60.00\t 61.00\t 34.953\t 61.167\n",
      on(8, 1, std::nullopt));
  EXPECT_EQ(point_of(file, 0, 1).point.operation, Operation::all_reduce);
  EXPECT_NEAR(us_of(file, 0, 1), 60, 1e-9);
  const ImportedFile methods = import(
      "| method | size (B) | time (us) |\n|---|---|---|\n| Ring AllReduce | 1024 | 10 |\n| Ring AllReduce | 2048 | 11 "
      "|\n"
      "| Tree AllReduce | 1024 | 20 |\n| Tree AllReduce | 2048 | 21 |\n",
      on(8, 1));
  EXPECT_EQ(methods.tables.size(), 2U) << report(methods);
}

// DeepSpeed's throughput of an all-reduce is twice size / time.
TEST(WrittenTables, AThroughputIsNotUsedWhereTimeAndBusbwTellMore) {
  const ImportedFile file = import(
      "---- Performance of all_reduce on 16 devices ----\n"
      "Size (Bytes)         Description               Duration        Throughput (Gbps)         BusBW (Gbps)\n"
      "1.0 MB               1024x512                  200.0 us        83.886                    78.643\n"
      "1.0 GB               1048576x512               12.0 ms         1431.656                  1342.177\n",
      one_node());
  EXPECT_NEAR(us_of(file, 0, 0), 200, 1e-9);
  EXPECT_NEAR(us_of(file, 0, 1), 12000, 1e-9);
  EXPECT_EQ(point_of(file, 0, 1).point.payload, gibibytes(1));
  EXPECT_TRUE(has_note(file.tables.at(0), "'Throughput (Gbps)' is not used"));
}

TEST(WrittenTables, SizesThatWerePrintedRoundedArePowersOfTwo) {
  const ImportedFile file =
      import("size (MB),time (us)\n0.000977,10\n0.00195,11\n0.5,12\n1.5,14\n1.04858e+06,90000000\n", on(8, 1));
  EXPECT_EQ(point_of(file, 0, 0).point.payload, kibibytes(1));
  EXPECT_EQ(point_of(file, 0, 1).point.payload, kibibytes(2));
  EXPECT_EQ(point_of(file, 0, 2).point.payload, kibibytes(512));
  EXPECT_EQ(point_of(file, 0, 3).point.payload, kibibytes(1536));
  EXPECT_EQ(point_of(file, 0, 4).point.payload, gibibytes(1024));
  EXPECT_TRUE(has_note(file.tables.at(0), "printed rounded ('0.000977')"));
  const ImportedFile rough = import("size (MB),time (us)\n0.001,10\n0.002,11\n", on(8, 1));
  EXPECT_EQ(point_of(rough, 0, 0).point.payload, Bytes{1000}) << "one digit is as it was meant";
}

TEST(WrittenTables, AClockCountsNoDevices) {
  const ImportedFile file = import(
      "INFO 03-04 10:00:04 device=cuda world_size=8 dtype=torch.bfloat16\nAll-reduce results:\n"
      "Tensor Size      NCCL (us)\n32 KB            20.10\n1 MB             35.50\n",
      one_node());
  EXPECT_EQ(point_of(file, 0, 0).point.group.ranks, 8U);
}

TEST(WrittenTables, ABroadcastIsAnOperationInItsBenchmark) {
  const ImportedFile file = import(
      "Here are the broadcast latency results that we took with 16 GPUs on 2 "
      "nodes:\nsize(B),time(us)\n1024,10\n2048,11\n",
      {});
  EXPECT_EQ(point_of(file, 0, 0).point.operation, Operation::broadcast);
}

}  // namespace
}  // namespace hockney::import
