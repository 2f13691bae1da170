/// Tables of several curves, of blocks in another order, and of options on the command line.
#include <algorithm>
#include <gtest/gtest.h>
#include <set>

#include "import/nccl_tests/nccl_tests_fixture.hpp"
#include "import/nccl_tests/nccl_tests_launch.hpp"
#include "record/software.hpp"

namespace hockney::import {
namespace {

ImportedFile import(const std::string& text, const ImportOptions& options = {}, const std::string& file = "job7.txt") {
  return import_nccl_tests(read_nccl_tests_text(text_of(text)), file, options);
}

const Launch& only_launch(const ImportedFile& file) {
  static const Launch none;
  EXPECT_EQ(file.tables.size(), 1U);
  if (file.tables.empty() || !file.tables[0].launch) {
    ADD_FAILURE() << (file.tables.empty() ? "no table" : file.tables[0].refusal);
    return none;
  }
  return *file.tables[0].launch;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::set<std::string> curves_of(const Launch& launch) {
  std::set<std::string> curves;
  for (const Measurement& measurement : launch.measurements) {
    curves.insert(measurement.point.curve_name());
  }
  return curves;
}

TEST(NcclTestsVariants, EachReductionAndEachTypeIsACurve) {
  const std::string rows = fixture::rows_of_8();
  const std::string table = fixture::banner(8, 8) + fixture::columns_2022() + rows + replaced(rows, "  sum", "  max") +
                            replaced(rows, "float", "int32") + std::string(fixture::footer);
  const ImportedFile file = import(table, {}, "all_reduce.txt");
  EXPECT_EQ(file.refused.size(), 0U);
  const std::set<std::string> curves = curves_of(only_launch(file));
  EXPECT_EQ(curves.size(), 6U);
  EXPECT_TRUE(curves.contains("all_reduce/imported/unknown/n:8x8/float32/stream/in_place/reduction:max"));
  EXPECT_TRUE(curves.contains("all_reduce/imported/unknown/n:8x8/int32/stream/out_of_place"));
}

TEST(NcclTestsVariants, TheBlockThatTheLineAboveNamesFirstIsReadFirst) {
  const std::string text = replaced(fixture::all_reduce_of_8(), fixture::groups_line,
                                    "#                       in-place                  out-of-place\n");
  const Launch launch = only_launch(import(text, {}, "all_reduce.txt"));
  ASSERT_EQ(launch.measurements.size(), 6U);
  EXPECT_FALSE(launch.measurements[0].point.in_place);
  EXPECT_DOUBLE_EQ(launch.measurements[0].elapsed[0], 12.25e-6);
  EXPECT_DOUBLE_EQ(launch.measurements[1].elapsed[0], 12.50e-6);
}

TEST(NcclTestsVariants, ABlockAloneWithoutTypesIsRead) {
  const std::string text = fixture::banner(8, 8) +
                           "#                in-place                   out-of-place\n"
                           "#  size   count   time   algbw   busbw  #wrong   time   algbw   busbw  #wrong\n"
                           "  67108864  16777216" +
                           fixture::result(Operation::all_reduce, 8, 67108864, "510.9", "0") + "\n" +
                           std::string(fixture::footer);
  const ImportedFile file = import(text);
  const Launch& launch = only_launch(file);
  ASSERT_EQ(launch.measurements.size(), 1U);
  EXPECT_EQ(launch.measurements[0].point.name(),
            "all_reduce/imported/unknown/n:8x8/float32/stream/in_place/payload:64MiB");
  EXPECT_EQ(launch.provenance.at("import.operation"), "from busbw above algbw, which only all_reduce has");
}

TEST(NcclTestsVariants, RanksThatEveryTellingRowRulesOutAreRefused) {
  ImportOptions stated;
  stated.operation = Operation::all_reduce;
  stated.ranks = 8;
  stated.nodes = 1;
  const std::string quiet = "  8  2  float  sum  -1  45.46  0.00  0.00  N/A  124.9  0.00  0.00  N/A\n";
  const std::string telling = fixture::row(Operation::all_reduce, 16, 1048576, "61.44", "60.80");
  const ImportedFile file = import(quiet + quiet + quiet + telling, stated);
  ASSERT_EQ(file.tables.size(), 1U);
  EXPECT_FALSE(file.tables[0].launch);
  EXPECT_NE(file.tables[0].refusal.find("--ranks 8 contradicts"), std::string::npos) << file.tables[0].refusal;
  stated.ranks = 16;
  EXPECT_EQ(only_launch(import(quiet + quiet + quiet + telling, stated)).info.ranks, 16U);
}

TEST(NcclTestsVariants, AFooterThatSaysFailedIsANote) {
  const std::string text =
      replaced(fixture::all_reduce_of_8(), "bandwidth    : 1.23456", "bandwidth    : 1.23456 FAILED");
  const std::vector<std::string> notes = import(text, {}, "all_reduce.txt").tables.at(0).notes;
  EXPECT_EQ(notes.back(), "the log says: Avg bus bandwidth    : 1.23456 FAILED");
}

std::string run(const std::string& command) {
  return command + "\n" + fixture::banner(8, 8) + fixture::columns_2022() + fixture::rows_of_8() +
         std::string(fixture::footer);
}

TEST(NcclTestsVariants, OptionsOfTheCommandAreOfTheLaunch) {
  const Launch launch =
      only_launch(import(run("$ NCCL_ALGO=Ring mpirun -x NCCL_PROTO=LL ./all_reduce_perf -b 8 -R 2 -x 1 -G 1")));
  EXPECT_EQ(launch.measurements[0].point.buffers, Buffers::symmetric_window);
  EXPECT_EQ(launch.measurements[0].point.mode, Mode::graph);
  EXPECT_EQ(software_of(launch.provenance), "NCCL_ALGO:Ring,NCCL_PROTO:LL,nccl_tests.cta_policy:1");
  EXPECT_EQ(only_launch(import(run("$ ./all_reduce_perf -R1"))).measurements[0].point.buffers, Buffers::registered);
  const ImportedFile waits = import(run("$ ./all_reduce_perf -z 1"));
  EXPECT_NE(waits.tables.at(0).refusal.find("blocking"), std::string::npos);
}

TEST(NcclTestsVariants, VariablesHoldForTheCommandsBelow) {
  const std::string text = run("$ export NCCL_ALGO=Ring\n$ NCCL_PROTO=LL ./all_reduce_perf") +
                           run("$ ./all_reduce_perf") +
                           run("$ export NCCL_ALGO=Tree\n$ mpirun \\\n  -x NCCL_PROTO=Simple \\\n  ./all_reduce_perf");
  const ImportedFile file = import(text);
  ASSERT_EQ(file.tables.size(), 3U);
  const char* const expected[] = {"NCCL_ALGO:Ring,NCCL_PROTO:LL", "NCCL_ALGO:Ring", "NCCL_ALGO:Tree,NCCL_PROTO:Simple"};
  for (std::size_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(file.tables[i].launch) << file.tables[i].refusal;
    EXPECT_EQ(software_of(file.tables[i].launch->provenance), expected[i]);
  }
}

TEST(NcclTestsVariants, RepeatsOfOneCommandAreOfItsTest) {
  const std::string gathers = fixture::banner(8, 8) + fixture::columns_2022() +
                              fixture::row(Operation::all_gather, 8, 1048576, "61.44", "60.80") +
                              std::string(fixture::footer);
  const ImportedFile file =
      import("mpirun -np 8 ./all_gather_perf_mpi -b 1g\n" + gathers + "\nRun-2\n" + gathers + "\nRun-3\n" + gathers);
  ASSERT_EQ(file.tables.size(), 3U);
  for (const ImportedTable& table : file.tables) {
    EXPECT_TRUE(table.launch) << table.refusal;
    EXPECT_TRUE(table.title.starts_with("all_gather (from the command line")) << table.title;
    const bool repeat = &table != &file.tables.front();
    EXPECT_EQ(std::count(table.notes.begin(), table.notes.end(),
                         "no command line of its own: taken for a repeat of the one above"),
              repeat ? 1 : 0);
  }
}

}  // namespace
}  // namespace hockney::import
