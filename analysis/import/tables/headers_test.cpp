#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "import/tables/written_tables_fixture.hpp"

namespace hockney::import {
namespace {

using namespace fixture;

// Headers of more than one line, or with a line's meaning in another place. All numbers are made up.

TEST(GroupsOfColumns, AreMethodsNotSides) {
  for (const std::string_view text :
       {",Ring,,Tree,\nsize (B),time (us),busbw (GB/s),time (us),busbw (GB/s)\n1048576,50.0,36.70,70.0,26.21\n",
        "| | Ring | Ring | Tree | Tree |\n|---|---|---|---|---|\n"
        "| size (B) | time (us) | busbw (GB/s) | time (us) | busbw (GB/s) |\n| 1048576 | 50.0 | 36.70 | 70.0 | 26.21 "
        "|\n",
        "               Ring                     Tree\n"
        "size(B)    time(us)  busbw(GB/s)   time(us)  busbw(GB/s)\n1048576    50.0      36.70         70.0      "
        "26.21\n",
        " & \\multicolumn{2}{c}{Ring} & \\multicolumn{2}{c}{Tree} \\\\\n\\cmidrule{2-5}\n"
        "Size (B) & time (us) & busbw (GB/s) & time (us) & busbw (GB/s) \\\\\n\\midrule\n"
        "1048576 & 50.0 & 36.70 & 70.0 & 26.21 \\\\\n"}) {
    const ImportedFile file = import(text, on(8, 1));
    ASSERT_EQ(file.tables.size(), 2U) << report(file);
    EXPECT_EQ(method_of(file, 1), "Tree");
    EXPECT_NEAR(us_of(file, 0, 0), 50, 1e-9);
    EXPECT_NEAR(us_of(file, 1, 0), 70, 1e-9);
    EXPECT_FALSE(point_of(file, 1, 0).point.in_place);
  }
}

TEST(GroupsOfColumns, MayBeSidesOrNumbersOfRanks) {
  const ImportedFile sides = import(
      ",in-place,,out-of-place,\nsize (B),time (us),busbw (GB/s),time (us),busbw (GB/s)\n"
      "1048576,50.0,36.70,70.0,26.21\n",
      on(8, 1));
  ASSERT_EQ(launch_of(sides, 0).measurements.size(), 2U);
  EXPECT_FALSE(point_of(sides, 0, 0).point.in_place);
  EXPECT_NEAR(us_of(sides, 0, 0), 70, 1e-9);
  EXPECT_TRUE(point_of(sides, 0, 1).point.in_place);
  const ImportedFile ranks = import(
      "all_reduce on one node\n,2 GPUs,,8 GPUs,\nsize (B),time (us),busbw (GB/s),time (us),busbw (GB/s)\n"
      "1048576,30.0,34.95,50.0,36.70\n",
      {});
  EXPECT_EQ(point_of(ranks, 0, 0).point.group.ranks, 2U);
  EXPECT_EQ(point_of(ranks, 0, 1).point.group.ranks, 8U);
}

TEST(GroupsOfColumns, AreNotTheRowsOfATableAbove) {
  const std::string table = "size,time,busbw,time,busbw\n1048576,50.0,36.70,48.0,38.23\n";
  const ImportedFile file = import(table + table, on(8, 1));
  ASSERT_EQ(file.tables.size(), 2U);
  EXPECT_TRUE(point_of(file, 1, 1).point.in_place);
  EXPECT_NEAR(us_of(file, 1, 1), 48, 1e-9);
}

TEST(Headers, MayLackTheHeadingOfTheIndex) {
  const ImportedFile file = import(
      "   size_mb  time_ms  busbw_gbps\n0      1.0   0.0500       36.70\n1     16.0   0.2000      146.80\n", on(8, 1));
  ASSERT_EQ(launch_of(file, 0).measurements.size(), 2U) << report(file);
  EXPECT_EQ(point_of(file, 0, 1).point.payload, mebibytes(16));
  EXPECT_NEAR(us_of(file, 0, 1), 200, 1e-9);
  EXPECT_THROW(import(" size(B)  time(us)\n 7  1024  10.0\n 8  2048  11.0\n", on(8, 1)), InputError)
      << "a column too many that counts nothing from 0 or 1";
}

TEST(Headers, MayHaveTheStatisticsOnTheNextLine) {
  const ImportedFile file = import(
      "  Count     Size          Time, us                 Bandwidth, GB/s\n"
      "                     avg    min    max        avg     max     min\n"
      " 262144  1048576   50.00  49.00  51.00      36.70   37.45   35.98\n",
      on(8, 1));
  ASSERT_EQ(launch_of(file, 0).measurements.size(), 1U) << report(file);
  EXPECT_NEAR(us_of(file, 0, 0), 50, 1e-9);
  EXPECT_TRUE(has_note(file.tables.at(0), "the bandwidth is busbw"));
}

TEST(Headers, MayHaveMoreTabsThanOne) {
  const ImportedFile file = import("Size\t\tTime(us)\tBusBW(GB/s)\n1M\t\t50.0\t\t36.70\n", on(8, 1));
  EXPECT_NEAR(us_of(file, 0, 0), 50, 1e-9);
}

TEST(Headers, OfDataInMegabytesAreSizes) {
  const ImportedFile file =
      import("| data (MB) | allreduce (s) |\n|---|---|\n| 64 | 0.0006 |\n", on(8, 1, std::nullopt));
  EXPECT_EQ(point_of(file, 0, 0).point.payload, mebibytes(64));
  EXPECT_NEAR(us_of(file, 0, 0), 600, 1e-9);
}

TEST(Headers, MayStandInTheFirstColumn) {
  const ImportedFile file = import(
      "| Size | 1 MiB | 16 MiB |\n|---|---|---|\n| Time (us) | 50.0 | 200.0 |\n| BusBW (GB/s) | 36.70 | 146.80 |\n",
      on(8, 1));
  ASSERT_EQ(launch_of(file, 0).measurements.size(), 2U) << report(file);
  EXPECT_EQ(point_of(file, 0, 1).point.payload, mebibytes(16));
  EXPECT_NEAR(us_of(file, 0, 1), 200, 1e-9);
}

TEST(Headers, OfSizesMayHaveTheUnitOfTheCells) {
  const ImportedFile file = import(
      "| Collective | 1 MiB (us) | 16 MiB (us) |\n|---|---|---|\n| allreduce | 50.0 | 200.0 |\n| broadcast | 40.0 | "
      "150.0 "
      "|\n",
      on(8, 1, std::nullopt));
  EXPECT_EQ(point_of(file, 0, 3).point.operation, Operation::broadcast);
  EXPECT_NEAR(us_of(file, 0, 3), 150, 1e-9);
}

TEST(Headers, WithoutABarAtTheLineStartLeaveTheFirstCellToRowsWithOne) {
  const ImportedFile file = import("node | Size (KB) | Time (us)\n a | 1024 | 50.0\n | 2048 | 90.0\n", on(8, 1));
  EXPECT_EQ(point_of(file, 0, 1).point.payload, mebibytes(2));
  EXPECT_NEAR(us_of(file, 0, 1), 90, 1e-9);
}

TEST(Headers, OfJiraHaveDoubleBars) {
  const ImportedFile file = import("||Size||Time (us)||Bus BW (GB/s)||\n|1 MiB|50.0|36.70|\n", on(8, 1));
  EXPECT_EQ(point_of(file, 0, 0).point.payload, mebibytes(1));
  EXPECT_NEAR(us_of(file, 0, 0), 50, 1e-9);
}

TEST(Columns, OfTotalTimesAreRefusedBesideIterations) {
  const ImportedFile file = import("size (B),iters,total time (ms)\n1048576,100,5.00\n", on(8, 1));
  EXPECT_NE(file.tables.at(0).refusal.find("'total time (ms)' may be the sum over all iterations"), std::string::npos);
  const ImportedFile both = import("size (B),iters,total time (ms),avg time (us)\n1048576,100,5.00,50.0\n", on(8, 1));
  EXPECT_NEAR(us_of(both, 0, 0), 50, 1e-9);
}

TEST(Columns, OfSidesInWordsTellInPlace) {
  const ImportedFile file =
      import("size,placement,time_us\n1048576,out-of-place,50.0\n1048576,in-place,48.0\n", on(8, 1));
  ASSERT_EQ(launch_of(file, 0).measurements.size(), 2U) << report(file);
  EXPECT_FALSE(point_of(file, 0, 0).point.in_place);
  EXPECT_TRUE(point_of(file, 0, 1).point.in_place);
}

TEST(Columns, OfSeveralBandwidthsTheMeanIsTaken) {
  const ImportedFile file =
      import("size (B),avg busbw (GB/s),max busbw (GB/s),min busbw (GB/s)\n1048576,36.70,40.00,30.00\n", on(8, 1));
  EXPECT_NEAR(us_of(file, 0, 0), 50, 0.1);  // 1 MiB * 7 / 4 / 36.70 GB/s
  EXPECT_TRUE(has_note(file.tables.at(0), "the busbw is 'avg busbw (GB/s)'"));
}

TEST(Cells, MoreThanHeadingsAreRefused) {
  const ImportedFile file = import("size,time_us\n1048576,45,2\n67108864,612,3\n", on(8, 1));
  EXPECT_NE(file.tables.at(0).refusal.find("3 cells under 2 headings"), std::string::npos) << report(file);
  const ImportedFile remarks = import("size,time_us\n1048576,45.5,warm\n67108864,612.5,\n", on(8, 1));
  EXPECT_EQ(launch_of(remarks, 0).measurements.size(), 2U);
}

TEST(Cells, OfCountsThatAreNoNumbersRefuseTheirRow) {
  const ImportedFile file = import("nodes,size,time_us\n1,1048576,50.0\n2n,1048576,90.0\n", on(8, 1));
  EXPECT_EQ(launch_of(file, 0).measurements.size(), 1U);
  ASSERT_EQ(file.refused.size(), 1U);
  EXPECT_EQ(file.refused[0].reason, "column 'nodes' is '2n', which is no whole number");
}

TEST(Cells, MoreThanHeadingsLeaveTheRanksOfOtherRows) {
  const ImportedFile file =
      import("all_reduce\nconfig,size,time_us\n2x8 H100,1048576,75.0\n2x8 H100,2097152,95,2\n", {});
  EXPECT_EQ(point_of(file, 0, 0).point.group.ranks, 16U);
  EXPECT_EQ(file.refused.size(), 1U);
}

TEST(Rows, MayHaveRulesBelowThem) {
  const ImportedFile file = import(
      "| Size (KB) | Time (us) |\n|---|---|\n| 1024 | 50.0 |\n|---|---|\n| 2048 | 90.0 |\n|---|---|\n", on(8, 1));
  EXPECT_EQ(launch_of(file, 0).measurements.size(), 2U) << report(file);
  EXPECT_TRUE(file.refused.empty());
}

TEST(Headers, MayHaveBrokenBracketsAroundUnits) {
  const ImportedFile file = import("| Size | Time |\n|---|---|\n| (|B) | us|) |\n| 1024 | 50.0 |\n", on(8, 1));
  EXPECT_EQ(file.tables.size(), 1U);
}

TEST(Rows, OfAnotherTableAreNotOfTheOneAbove) {
  for (const std::string_view text :
       {"| Size (KB) | Time (us) |\n|---|---|\n| 1024 | 50.0 |\n\n| Batch | Loss |\n|---|---|\n| 8 | 2.5 |\n",
        "| Size (KB) | Time (us) |\n|---|---|\n| 1024 | 50.0 |\n\n| Batch | Loss | Gain |\n|---|---|---|\n| 8 | 2.5 | "
        "1 |\n",
        "size (KB),time (us)\n1024,50.0\n\nbatch,loss\n8,2.5\n"}) {
    const ImportedFile file = import(text, on(8, 1));
    ASSERT_EQ(launch_of(file, 0).measurements.size(), 1U) << report(file);
    ASSERT_EQ(file.refused.size(), 1U) << report(file);
    EXPECT_NE(file.refused[0].reason.find("stands under no header"), std::string::npos);
  }
}

TEST(Columns, OfSetUpsTellTheRanks) {
  const ImportedFile file =
      import("| Config | Size | Time (us) |\n|---|---|---|\n| 2x8 H100 | 1 MiB | 75.0 |\n| 4x8 H100 | 1 MiB | 95.0 |\n",
             on(8, 1));
  EXPECT_EQ(point_of(file, 0, 0).point.group.ranks, 16U);
  EXPECT_EQ(point_of(file, 0, 1).point.group.ranks, 32U);
  EXPECT_EQ(point_of(file, 0, 1).point.group.nodes(), 4U);
}

TEST(Columns, OfNodesAndRanksPerNodeTellTheRanks) {
  const ImportedFile file = import("all_reduce\nnodes,ppn,bytes,usec\n1,8,1048576,50.0\n4,8,1048576,90.0\n", {});
  EXPECT_EQ(point_of(file, 0, 1).point.group.ranks, 32U);
  EXPECT_EQ(point_of(file, 0, 1).point.group.nodes(), 4U);
}

TEST(Cells, InQuotesMayHaveCommas) {
  const ImportedFile file =
      import("\"Size (KB)\";\"Time (ms)\"\n\"1024\";\"0,0500\"\n\"65536\";\"1,6125\"\n", on(8, 1));
  EXPECT_EQ(point_of(file, 0, 1).point.payload, mebibytes(64));
  EXPECT_NEAR(us_of(file, 0, 1), 1612.5, 1e-9);
  const ImportedFile thousands = import("\"bytes\",\"time (us)\"\n\"1,048,576\",\"1,050.5\"\n", on(8, 1));
  EXPECT_NEAR(us_of(thousands, 0, 0), 1050.5, 1e-9);
}

TEST(Json, MayHaveAnArrayForEveryColumn) {
  const ImportedFile file = import_sheets(
      read_json_sheets(R"({"op": "all_reduce", "ranks": 8, "size_bytes": [1024, 1048576], "time_us": [14.5, 50.0]})"),
      "a.json", one_node());
  ASSERT_EQ(launch_of(file, 0).measurements.size(), 2U) << report(file);
  EXPECT_EQ(point_of(file, 0, 1).point.payload, mebibytes(1));
  EXPECT_NEAR(us_of(file, 0, 1), 50, 1e-9);
}

double first_us(const std::string& text) { return us_of(import(text, on(8, 1)), 0, 0); }

TEST(Headers, UnitsMayBeMultiplesOrInAColumnOfTheirOwn) {
  EXPECT_NEAR(first_us("size,time (10 us)\n1048576,4.5\n"), 45, 1e-9);
  EXPECT_NEAR(first_us("size,time,unit\n1048576,4.5,ms\n"), 4500, 1e-9);
  EXPECT_NEAR(first_us("size,allreduce_us_8gpus\n1048576,45\n"), 45, 1e-9);
  const auto bytes = [](const std::string& text) { return point_of(import(text, on(8, 1)), 0, 0).point.payload.count; };
  EXPECT_EQ(bytes("size (x1000 B),time_us\n1000,45\n"), 1000000U);
  EXPECT_EQ(bytes("size (MB = 10^6 B),time_us\n1,45\n"), 1000000U);
  EXPECT_EQ(bytes("size,size_unit,time_us\n1,MiB,45\n"), 1048576U);
  EXPECT_EQ(bytes("size (Mbit),time_us\n8,45\n"), 1000000U);
  EXPECT_EQ(bytes("bytes_per_element,count,time_us\n4,8,45\n"), 32U);
  EXPECT_EQ(bytes("elements (millions),time_us\n1,45\n"), 4000000U);
  EXPECT_THROW(import("log2(size),time_us\n20,45\n", on(8, 1)), InputError);
  EXPECT_THROW(import("size (2^x B),time_us\n20,45\n", on(8, 1)), InputError);
}

TEST(Headers, PointsInTimeAndMultiplesAreNoTimes) {
  const ImportedFile file = import("size,start_us,end_us,duration_us\n1048576,1000,1045,45\n", on(8, 1));
  EXPECT_EQ(file.tables.size(), 1U);
  EXPECT_NEAR(us_of(file, 0, 0), 45, 1e-9);
  EXPECT_NEAR(first_us("size,end-to-end time (us)\n1048576,45\n"), 45, 1e-9);
  EXPECT_THROW(import("size,time (us) x 10\n1048576,450\n", on(8, 1)), InputError);
}

TEST(Headers, TheSumOverIterationsIsNotOneTime) {
  for (const std::string_view header : {"size,elapsed (us),loops", "size,\"time (us, 20 iterations)\",n"}) {
    EXPECT_FALSE(import(fmt::format("{}\n1048576,910,20\n", header), on(8, 1)).tables.at(0).launch) << header;
  }
  EXPECT_NEAR(first_us("size,elapsed per iteration (us),iterations\n1048576,45,20\n"), 45, 1e-9);
}

TEST(Headers, ObjectsInObjectsAreOneRow) {
  const Sheets found =
      read_json_sheets(R"([{"bytes": 1024, "stats": {"mean_us": 9.5}}, {"bytes": 2048, "stats": {"mean_us": 9.9}}])");
  ASSERT_EQ(found.sheets.size(), 1U);
  EXPECT_EQ(found.sheets[0].rows.size(), 2U);
  const Sheets with_unit = read_json_sheets(R"({"size": 1024, "time": {"value": 9.5, "unit": "us"}})");
  EXPECT_EQ(with_unit.sheets.at(0).rows.at(0).cells.at(1), "9.5 us");
  const Sheets sides = read_json_sheets(R"({"bytes": 8, "in_place": {"time": 9.1}, "out_of_place": {"time": 9.5}})");
  ASSERT_EQ(sides.sheets.at(0).columns.size(), 3U);
  EXPECT_TRUE(sides.sheets[0].columns[1].series.in_place);
  EXPECT_EQ(sides.sheets[0].rows.at(0).cells, (std::vector<std::string>{"8", "9.1", "9.5"}));
  const Sheets methods = read_json_sheets(R"({"bytes": 8, "mine": {"time_us": 9.1}, "nccl": {"time_us": 9.5}})");
  ASSERT_EQ(methods.sheets.at(0).columns.size(), 3U);
  EXPECT_EQ(methods.sheets[0].columns[2].series.method, "nccl");
}

TEST(Headers, ARoundTripIsTwoMessages) {
  EXPECT_NEAR(first_us("size,RTT (us)\n1048576,90\n"), 45, 1e-9);
  EXPECT_NEAR(first_us("size,round-trip time\n1048576,90 us\n"), 45, 1e-9);
}

TEST(Headers, TheTextAboveMayTellUnitAndKind) {
  EXPECT_NEAR(first_us("all_reduce, times in ms\nsize  time\n1048576  0.045\n"), 45, 1e-9);
  const double bus = 1.75 * 1048576 / 180e3;
  EXPECT_NEAR(first_us("busbw of all_reduce:\n 1 MiB  180 GB/s\n 2 MiB  185 GB/s\n"), bus, 1e-2);
}

TEST(Headers, OtherLanguagesAndPrometheus) {
  EXPECT_NEAR(first_us("Taille (Kio);Temps (us)\n1024;45,5\n"), 45.5, 1e-9);
  EXPECT_NEAR(first_us("\u5927\u5c0f(MB)\t\u5ef6\u8fdf(us)\n1\t45.5\n"), 45.5, 1e-9);
  const std::string quantiles =
      "t_seconds{op=\"all_reduce\",size=\"1048576\",quantile=\"0.9\"} 9.55e-05\n"
      "t_seconds{op=\"all_reduce\",size=\"1048576\",quantile=\"0.5\"} 4.55e-05\n"
      "t_seconds{op=\"all_reduce\",size=\"1048576\",quantile=\"0.99\"} 9.95e-05\n"
      "t_seconds{op=\"all_reduce\",size=\"2097152\",quantile=\"0.5\"} 6.55e-05\n";
  EXPECT_NEAR(us_of(import(quantiles, on(8, 1)), 0, 0), 45.5, 1e-9);
  EXPECT_NEAR(us_of(import(quantiles, on(8, 1)), 0, 1), 65.5, 1e-9) << "in one table";
}

TEST(Headers, AColumnOfOperationsMayNameOnesThatAreNot) {
  const ImportedFile file = import("op,size,time_us\nbroadcast,1024,9\nsendrecv,1024,8\nbroadcast,2048,10\n", on(8, 1));
  EXPECT_EQ(file.tables.at(0).rows_used, 2U);
  EXPECT_EQ(point_of(file, 0, 0).point.operation, Operation::broadcast);
}

TEST(Headers, ALineThatOtherLinesAreLikeTellsNoRanks) {
  const std::string list = "A: 8 GPUs\nB: 16 GPUs\n";
  EXPECT_FALSE(import("all_reduce\n" + list + "size  time (us)\n1024  9.0\n", one_node()).tables.at(0).launch);
}

TEST(Headers, ManySetUpsAreReadAndTooManyRefused) {
  std::string text = "op,config,bytes,time_us\n";
  for (int nodes = 1; nodes <= 1030; ++nodes) {
    text += fmt::format("all_reduce,{}x8 H100,1048576,{}\n", nodes, 40 + nodes);
  }
  const ImportedFile file = import(text, on(4, 1));
  ASSERT_EQ(file.refused.size(), 6U);
  EXPECT_NE(file.refused.front().reason.find("more than 1024 set-ups"), std::string::npos);
  EXPECT_EQ(point_of(file, 0, 999).point.group.ranks, 8000U) << "not of --ranks";
}

TEST(Headers, AnArrayOfAnotherLengthIsLeftAside) {
  const Sheets found = read_json_sheets(R"({"hosts": ["a"], "size_bytes": [1024, 1048576], "time_us": [14.5, 50.0]})");
  ASSERT_EQ(found.sheets.size(), 1U);
  EXPECT_EQ(found.sheets[0].rows.size(), 2U);
  EXPECT_EQ(found.sheets[0].notes, std::vector<std::string>{"'hosts' is left aside: 1 values beside 2 sizes"});
  EXPECT_EQ(read_json_sheets(R"({"size_bytes": [1024, 1048576], "time_us": [14.5]})").stray.size(), 1U);
}

}  // namespace
}  // namespace hockney::import
