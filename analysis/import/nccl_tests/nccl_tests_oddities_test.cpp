#include <gtest/gtest.h>

#include "import/nccl_tests/nccl_tests_fixture.hpp"
#include "import/nccl_tests/nccl_tests_launch.hpp"

/// What people's logs hold beside whole tables, with made-up times.
namespace hockney::import {
namespace {

using fixture::result;
using fixture::row;

constexpr Operation all_reduce = Operation::all_reduce;
const std::string left_1mib = "     1048576        262144     float     sum      -1";

ImportedFile import(const std::string& text, const std::string& file = "all_reduce.txt",
                    std::optional<std::uint32_t> nodes = 1) {
  ImportOptions stated;
  stated.importer = "hockney 0.0.0";
  stated.nodes = nodes;
  return import_nccl_tests(read_nccl_tests_text(text_of(text)), file, stated);
}

const ImportedTable& only_table(const ImportedFile& file) {
  static const ImportedTable none;
  EXPECT_EQ(file.tables.size(), 1U);
  return file.tables.size() == 1 ? file.tables[0] : none;
}

bool notes_mention(const ImportedTable& table, std::string_view words) {
  return std::any_of(table.notes.begin(), table.notes.end(),
                     [&](const std::string& note) { return note.find(words) != std::string::npos; });
}

TEST(NcclTestsOddities, TimesOf2017AreMilliseconds) {
  const ImportedFile file = import(
      "#      bytes             N    type      op     time  algbw  busbw      res     time  algbw  busbw      res\n"
      "    67108864  16777216   float     sum    2.048  32.77  57.34    2e-07    2.000  33.55  58.72      N/A\n"
      " Out of bounds values : 0 OK\n");
  const ImportedTable& table = only_table(file);
  ASSERT_TRUE(table.launch) << table.refusal;
  const auto& points = table.launch->measurements;
  ASSERT_EQ(points.size(), 2U);
  EXPECT_DOUBLE_EQ(points[0].elapsed[0], 2.048e-3);
  EXPECT_NEAR(points[0].clock_step_s, 1e-6, 1e-12);
  EXPECT_EQ(points[0].verification, Verification::passed);
  EXPECT_EQ(points[1].verification, Verification::not_checked);
  EXPECT_EQ(points[0].point.group.ranks, 8U);
  EXPECT_FALSE(notes_mention(table, "no footer"));
}

TEST(NcclTestsOddities, RootedOperationsAreReadWithRank0AsRoot) {
  const std::string header_2019 = "#  size count type root time algbw busbw error time algbw busbw error\n";
  const std::string header_reduce = "#  size count type redop root time algbw busbw error time algbw busbw error\n";
  const std::string good = result(Operation::broadcast, 8, 1048576, "61.44", "0");
  const std::string banner = fixture::banner(8, 8);
  const struct {
    const char* file;
    Operation operation;
    std::string text;
  } cases[] = {
      {"broadcast.txt", Operation::broadcast, header_2019 + "  1048576  262144  float  0" + good + good},
      {"reduce.txt", Operation::reduce, header_reduce + "  1048576  262144  float  sum  0" + good + good},
      {"gather.txt", Operation::gather,
       fixture::columns_2022() + "  1048576  32768  float  none  0" +
           result(Operation::gather, 8, 1048576, "61.44", "0") + result(Operation::gather, 8, 1048576, "60.80", "0")},
  };
  for (const auto& expected : cases) {
    const ImportedFile file = import(banner + expected.text + "\n", expected.file);
    const ImportedTable& table = only_table(file);
    ASSERT_TRUE(table.launch) << table.refusal;
    EXPECT_EQ(table.launch->measurements[0].point.operation, expected.operation);
  }
  const std::string rooted = banner + header_2019 + "  1048576  262144  float  3" + good + good + "\n";
  EXPECT_NE(only_table(import(rooted, "broadcast.txt")).refusal.find("root 3"), std::string::npos);
  EXPECT_NE(only_table(import(rooted, "all_gather.txt")).refusal.find("names a root"), std::string::npos);
  std::string all_roots = banner + header_2019;
  for (int root = 0; root < 3; ++root) {
    all_roots += fmt::format("  1048576  262144  float  {}{}{}\n", root, good, good);
  }
  const ImportedFile first = import(all_roots, "broadcast.txt");
  EXPECT_EQ(only_table(first).rows_used, 1U) << "of -r -1 the rows of rank 0";
  EXPECT_EQ(first.refused.size(), 2U);
  const std::string wrong = banner + header_2019 + "  1048576  262144  float  0  61.44  17.07  16.07  0" + good + "\n";
  EXPECT_NE(only_table(import(wrong, "broadcast.txt")).refusal.find("not busbw"), std::string::npos);
}

TEST(NcclTestsOddities, SendrecvIsAnUnevenAllToAllWithoutItsInPlaceHalf) {
  const std::string good = result(Operation::one_way_stream, 4, 1048576, "61.44", "0");
  const ImportedFile file =
      import(fixture::banner(4, 2) + fixture::columns_2022() + left_1mib + good + good + "\n", "sendrecv.txt");
  const ImportedTable& table = only_table(file);
  ASSERT_TRUE(table.launch) << table.refusal;
  ASSERT_EQ(table.launch->measurements.size(), 1U);
  const Case& point = table.launch->measurements[0].point;
  EXPECT_EQ(point.operation, Operation::all_to_all_v);
  EXPECT_EQ(point.routing().matrix, "ring_shift");
  EXPECT_EQ(point.payload.count, 1048576U);
  EXPECT_FALSE(point.in_place);
  EXPECT_TRUE(notes_mention(table, "ring shift"));
}

TEST(NcclTestsOddities, ImpossibleTablesAreRefused) {
  // 45 GB/s at 1 KiB in 12.5 us
  const ImportedFile file = import(fixture::banner(8, 8) + fixture::columns_2022() +
                                   "  1024  256  float  sum  -1  12.5  45.00  78.75  0  12.5  45.00  78.75  0\n"
                                   "  2048  512  float  sum  -1  12.9  48.00  84.00  0  12.9  48.00  84.00  0\n" +
                                   row(all_reduce, 8, 1048576, "61.44", "60.80"));
  const ImportedTable& table = only_table(file);
  EXPECT_FALSE(table.launch);
  EXPECT_NE(table.refusal.find("2 of 3 rows contradict themselves"), std::string::npos) << table.refusal;
}

TEST(NcclTestsOddities, HalvesThatTheNumbersDoNotProveStayApart) {
  const std::string noise = "node1:190:191 [0] NCCL INFO Channel 04/0 : 7[3] -> 0[0] via NET/IB/2\n";
  const std::string other = result(all_reduce, 8, 4194304, "70.00", "0");
  const std::string tiny = result(all_reduce, 8, 8, "12.50", "0");
  for (const std::string& cut :
       {left_1mib + noise + other + other + "\n", "  8  2  float  sum  -1" + noise + tiny + tiny + "\n"}) {
    const ImportedFile file = import(fixture::columns_2022() + cut + fixture::rows_of_8());
    ASSERT_EQ(file.refused.size(), 2U) << report(file);
    EXPECT_EQ(file.refused[0].line, 4U);
    EXPECT_EQ(file.refused[1].line, 5U);
    EXPECT_NE(file.refused[0].reason.find("does not prove"), std::string::npos);
    EXPECT_EQ(only_table(file).rows_used, 3U);
  }
}

TEST(NcclTestsOddities, ARowBehindADiagnosticIsARow) {
  std::string last = row(all_reduce, 8, 134217728, "1024.5", "1021.9");
  const ImportedFile file =
      import(fixture::columns_2022() + fixture::rows_of_8() + "node1:1:2 [0] NCCL INFO comm 0x55 rank 0" + last);
  EXPECT_EQ(only_table(file).rows_used, 4U) << report(file);
}

TEST(NcclTestsOddities, OfACutRowTheOutOfPlaceHalfIsUsedWhereItProvesItself) {
  const std::string whole = row(all_reduce, 8, 134217728, "1024.5", "1021.9", "2");
  const std::size_t half = left_1mib.size() + result(all_reduce, 8, 134217728, "1024.5", "2").size();
  for (std::size_t length = left_1mib.size(); length + 1 < whole.size(); ++length) {
    const ImportedFile file = import(fixture::columns_2022() + fixture::rows_of_8() + whole.substr(0, length));
    const ImportedTable& table = only_table(file);
    ASSERT_TRUE(table.launch) << table.refusal;
    const auto& points = table.launch->measurements;
    EXPECT_EQ(table.rows_used, length < half ? 3U : 4U) << length << '\n' << report(file);
    EXPECT_EQ(file.refused.size(), length < half ? 1U : 0U) << length;
    EXPECT_EQ(points.size(), length < half ? 6U : 7U) << length;
    if (length == half) {
      EXPECT_EQ(points.back().verification, Verification::not_checked);  // "2" may have been "20"
    }
  }
}

TEST(NcclTestsOddities, SeparateJobsThatAllBeginWithRank0AreFlagged) {
  std::string lists;
  for (const char* host : {"hosta", "hostb", "hostc"}) {
    std::string list = fixture::banner(8, 8);
    for (auto at = list.find("node0"); at != std::string::npos; at = list.find("node0")) {
      list.replace(at, 5, host);
    }
    lists += lists.empty() ? list : list.substr(list.find("#  Rank"));
  }
  const ImportedFile file = import(lists + fixture::columns_2022() + fixture::rows_of_8());
  const ImportedTable& table = only_table(file);
  ASSERT_TRUE(table.launch) << table.refusal;
  EXPECT_TRUE(notes_mention(table, "3 separate jobs of one node each, not one job of 24 ranks"));
  EXPECT_EQ(table.launch->measurements[0].point.group, (Group{.ranks = 8, .ranks_per_node = 8}));
  EXPECT_EQ(table.launch->placements.size(), 8U);
}

TEST(NcclTestsOddities, TwoRunsMixedInOneFileBecomeTwoTables) {
  const std::string banner = fixture::banner(8, 4);
  std::string rows;
  for (const std::uint64_t mib : {1U, 2U, 4U, 1U, 8U, 2U}) {
    rows += row(all_reduce, 8, mib << 20U, "61.44", "60.80");
  }
  const std::string text = fixture::columns_2022() + fixture::columns_2022() + rows;
  const ImportedFile same = import(banner + banner + text);
  ASSERT_EQ(same.tables.size(), 2U) << report(same);
  for (const ImportedTable& table : same.tables) {
    ASSERT_TRUE(table.launch) << table.refusal;
    EXPECT_EQ(table.launch->measurements[0].point.group, (Group{.ranks = 8, .ranks_per_node = 4}));
    EXPECT_TRUE(notes_mention(table, "2 runs on the same nodes"));
  }
  std::string elsewhere = banner;
  elsewhere.replace(elsewhere.find("node1"), 5, "node7");
  const ImportedFile other = import(banner + elsewhere + text);
  ASSERT_EQ(other.tables.size(), 2U);
  EXPECT_NE(other.tables[0].refusal.find("cannot be told apart"), std::string::npos) << other.tables[0].refusal;
}

TEST(NcclTestsOddities, TheTestIsNamedByCommandsFootersAndHeadings) {
  const std::string table = fixture::banner(8, 8) + fixture::columns_2022() + fixture::rows_of_8();
  const std::string footer(fixture::footer);
  const struct {
    std::string text;
    const char* file;
    const char* expected;
  } cases[] = {
      {"$ mpirun -np 8 /opt/build/all_reduce_perf_mpi -b 8\n" + table, "job7", "all_reduce (from the command line"},
      {"Running all_reduce_perf...\n" + table, "job7", "all_reduce (from the command line"},
      {"$ ./all_gather_perf\n$ ./all_reduce_perf\n" + table, "job7", "all_reduce (from busbw above algbw"},
      {"$ ./all_gather_perf\n" + table, "all_reduce.txt", "the command line in the log names all_gather"},
      {table + footer + "# Collective test concluded: all_reduce_perf\n", "job7", "all_reduce (named in the log"},
      {"### all_reduce_perf\n" + table, "job7", "all_reduce (from the text above"},
      {"## All-reduce, 8 GPUs\n" + table, "job7", "all_reduce (from the text above"},
      {table + "$ ./all_gather_perf -b 8\n", "all_reduce.txt", "all_reduce (from the file name"},  // the next one's
      {"all_reduce and all_gather\n" + table, "job7", "all_reduce (from busbw above algbw"},
  };
  for (const auto& expected : cases) {
    const std::string told = report(import(expected.text, expected.file));
    EXPECT_NE(told.find(expected.expected), std::string::npos) << expected.expected << '\n' << told;
  }
}

TEST(NcclTestsOddities, MarkdownTablesAreTables) {
  const ImportedFile file = import(
      "## Results\n\n"
      "| size (B) | count | type | redop | time (us) | algbw (GB/s) | busbw (GB/s) |\n"
      "|---|---|---|---|---|---|---|\n"
      "| 67108864 | 16777216 | float | sum | **512.3** | 130.99 | 229.24 |\n"
      "| 134217728 | 33554432 | float | sum | 1024.5 | 131.01 | 229.26 |\n"
      "\nFaster than last year (see table 1 of 2 in 2024 above).\n");
  const ImportedTable& table = only_table(file);
  ASSERT_TRUE(table.launch) << table.refusal;
  EXPECT_EQ(table.launch->measurements.size(), 2U);
  EXPECT_EQ(table.launch->measurements[0].verification, Verification::not_checked);
  EXPECT_TRUE(file.refused.empty());
}

TEST(NcclTestsOddities, RowsOfOnlyOneHalfAreALayoutWithoutAHeaderToo) {
  const auto half = [](std::uint64_t size, const char* time) {
    return fmt::format("  {}  {}  float  sum  -1{}\n", size, size / 4, result(all_reduce, 8, size, time, "0"));
  };
  const ImportedFile file = import(half(8, "12.50") + half(67108864, "512.3") + half(134217728, "1024.5"));
  EXPECT_EQ(only_table(file).rows_used, 3U) << report(file);
  EXPECT_TRUE(file.refused.empty());
}

TEST(NcclTestsOddities, ATableEndsWhereTheRootColumnChanges) {
  const std::string broadcast = "  1048576  262144  float  none  0" +
                                result(Operation::broadcast, 8, 1048576, "61.44", "0") +
                                result(Operation::broadcast, 8, 1048576, "60.80", "0") + "\n";
  const ImportedFile file = import(fixture::columns_2022() + fixture::rows_of_8() + broadcast +
                                   std::string(fixture::footer) + "# Collective test concluded: broadcast_perf\n");
  ASSERT_EQ(file.tables.size(), 2U);
  EXPECT_TRUE(file.tables[0].launch) << file.tables[0].refusal;
  EXPECT_EQ(file.tables[0].rows_used, 3U);
  EXPECT_TRUE(file.tables[1].title.starts_with("broadcast (named in the log)")) << file.tables[1].title;
}

TEST(NcclTestsOddities, OddLinesAreListed) {
  const struct {
    const char* line;
    const char* reason;
  } cases[] = {
      {"# 1048576 262144 float sum -1 61.44 17.07 29.87 0 60.80 17.25 30.18 0", "commented out"},
      {"1048576 262144 float sum -1 61.44 17.07 29.87 0 60.80 17.25 30.18 0 1 2 3", "more cells"},
      {"1048576 262144 float sum -1 0.1623880830.11 0.00 0 60.80 17.25 30.18 0", "cut off"},  // columns run together
      {"61.44 17.07 29.87 0", "looks like data"},
  };
  for (const auto& expected : cases) {
    const ImportedFile file = import(fixture::columns_2022() + fixture::rows_of_8() + expected.line + "\n");
    ASSERT_EQ(file.refused.size(), 1U) << expected.line;
    EXPECT_EQ(file.refused[0].line, 7U);
    EXPECT_NE(file.refused[0].reason.find(expected.reason), std::string::npos) << file.refused[0].reason;
    EXPECT_EQ(only_table(file).rows_used, 3U);
  }
}

TEST(NcclTestsOddities, AbsentAndInfiniteCellsAreNoTimes) {
  const ImportedFile file =
      import(fixture::banner(8, 8) + fixture::columns_2022() + fixture::rows_of_8() +
             "  2097152  524288  float  sum  -1  0.00  inf  inf  0  nan  -nan  N/A  n/a\n" + left_1mib +
             "  N/A  N/A  N/A  N/A" + result(all_reduce, 8, 1048576, "61.44", "0*") + "\n");
  const ImportedTable& table = only_table(file);
  ASSERT_TRUE(table.launch) << table.refusal;
  EXPECT_EQ(table.rows_used, 4U);
  ASSERT_EQ(file.refused.size(), 1U);
  EXPECT_NE(file.refused[0].reason.find("no time"), std::string::npos);
  EXPECT_EQ(table.launch->measurements.back().verification, Verification::failed);  // rccl-tests' asterisk
  EXPECT_TRUE(notes_mention(table, "cells without a time: 1"));
}

// Lines of at most `width` characters, cut anywhere.
std::string cut_at(const std::string& text, std::size_t width) {
  std::string cut;
  std::size_t column = 0;
  for (const char c : text) {
    if (column == width && c != '\n') {
      cut += '\n';
      column = 0;
    }
    cut += c;
    column = c == '\n' ? 0 : column + 1;
  }
  return cut;
}

// Lines of at most `width` characters, cut at blanks, which go.
std::string cut_at_words(const std::string& text, std::size_t width) {
  std::string cut;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string line = text.substr(begin, end - begin);
    while (line.size() > width) {
      const std::size_t blank = line.rfind(' ', width);
      cut += line.substr(0, blank) + "\n";
      line.erase(0, std::min(line.find_first_not_of(' ', blank), line.size()));
    }
    cut += line + "\n";
    begin = end + 1;
  }
  return cut;
}

std::vector<std::pair<Case, double>> times_of(const ImportedTable& table) {
  std::vector<std::pair<Case, double>> times;
  for (const Measurement& each : table.launch.value_or(Launch{}).measurements) {
    times.emplace_back(each.point, each.elapsed.at(0));
  }
  return times;
}

TEST(NcclTestsOddities, WrappedHeadersAndRowsArePutTogether) {
  const auto whole = times_of(only_table(import(fixture::all_reduce_of_8())));
  ASSERT_EQ(whole.size(), 6U);
  for (std::size_t width = 64; width < 110; ++width) {  // the header has 116 characters
    for (const std::string& text :
         {cut_at(fixture::all_reduce_of_8(), width), cut_at_words(fixture::all_reduce_of_8(), width)}) {
      const ImportedFile file = import(text);
      ASSERT_EQ(file.tables.size(), 1U) << width;
      EXPECT_TRUE(times_of(file.tables[0]) == whole) << width << "\n" << report(file);
    }
  }
}

TEST(NcclTestsOddities, AWholeRowBehindOtherOutputIsRead) {
  const std::string text =
      fixture::banner(8, 8) + fixture::columns_2022() + "Warning: added gpu02 to the list of known hosts." +
      row(all_reduce, 8, 1048576, "61.44", "60.80") + row(all_reduce, 8, 2097152, "81.44", "80.80");
  EXPECT_EQ(times_of(only_table(import(text))).size(), 4U);
}

TEST(NcclTestsOddities, SizesThatBeginAgainBelowTextAreATableOfTheirOwn) {
  const std::string begin = fixture::banner(8, 8) + fixture::columns_2022();
  const std::string rows =
      row(all_reduce, 8, 1048576, "61.44", "60.80") + row(all_reduce, 8, 2097152, "81.44", "80.80");
  const ImportedFile file = import(begin + rows + "With NCCL_ALGO=Tree:\n" + rows + "Run 2\n" + rows);
  ASSERT_EQ(file.tables.size(), 3U) << report(file);
  for (const ImportedTable& table : file.tables) {
    ASSERT_TRUE(table.launch) << table.refusal;
    EXPECT_EQ(table.launch->measurements.size(), 4U);
    EXPECT_EQ(table.launch->placements.size(), 8U);
  }
  EXPECT_FALSE(file.tables[0].launch->provenance.contains("import.title"));
  EXPECT_EQ(file.tables[1].launch->provenance.at("import.title"), "With NCCL_ALGO=Tree:");
  EXPECT_EQ(file.tables[1].launch->provenance.at("env.NCCL_ALGO"), "Tree");
  EXPECT_EQ(file.tables[2].launch->provenance.at("import.title"), "With NCCL_ALGO=Tree:");
  const ImportedFile grows = import(begin + row(all_reduce, 8, 1048576, "61.44", "60.80") + "some output\n" +
                                    row(all_reduce, 8, 2097152, "81.44", "80.80"));
  EXPECT_EQ(times_of(only_table(grows)).size(), 4U);
}

TEST(NcclTestsOddities, HeadingsTellTablesApartUnlessTheyCountRepeats) {
  const std::string run = fixture::all_reduce_of_8();
  const auto title_of = [](const ImportedTable& table) {
    const Provenance& said = table.launch.value_or(Launch{}).provenance;
    return said.contains("import.title") ? said.at("import.title") : std::string{};
  };
  const ImportedFile file = import("## H100\n### IB on\n" + run + "### IB off\n" + run + "## Run 2\n" + run);
  ASSERT_EQ(file.tables.size(), 3U);
  EXPECT_EQ(title_of(file.tables[0]), "H100 / IB on");
  EXPECT_EQ(title_of(file.tables[1]), "H100 / IB off");
  EXPECT_EQ(title_of(file.tables[2]), "");
}

}  // namespace
}  // namespace hockney::import
