#include "import/nccl_tests/nccl_tests_text.hpp"

#include <gtest/gtest.h>

#include "import/nccl_tests/nccl_tests_fixture.hpp"

namespace hockney::import {
namespace {

using fixture::result;

constexpr Operation all_reduce = Operation::all_reduce;

const NcclTestsRow& only_row(const NcclTestsLog& log) {
  static const NcclTestsRow none;
  EXPECT_EQ(log.tables.size(), 1U);
  if (log.tables.size() != 1 || log.tables[0].rows.size() != 1) {
    ADD_FAILURE() << "expected one row";
    return none;
  }
  return log.tables[0].rows[0];
}

struct Layout {
  const char* name;
  std::string header;
  std::string left;
  std::string group_end;  // after each result group: -I
  std::string row_end;    // -S
  const char* check;
  const char* redop;
};

TEST(NcclTestsText, ReadsEveryLayout) {
  const std::string left_2022 = "  1048576  262144  float  sum  -1";
  const std::string wide =
      "#       size         count      type   redop    root     time   algbw   busbw  #wrong     time   algbw   busbw  "
      "#wrong";
  const std::string per_iteration =
      "#  size  count  type  redop  root  time  algbw  busbw  #wrong  i_min  i_max  i_p99  i_cv%  time  algbw  busbw  "
      "#wrong  i_min  i_max  i_p99  i_cv%";
  const Layout layouts[] = {
      {"2019 all_reduce", std::string(fixture::header_2019), "  1048576  262144  float  sum", "", "", "0e+00", "sum"},
      {"2019 blank redop", std::string(fixture::header_2019), "  1048576  32768  float", "", "", "0e+00", ""},
      {"2019 all_gather", std::string(fixture::header_2019_without_redop), "  1048576  32768  float", "", "", "0e+00",
       ""},
      {"2019 broadcast", "#  size count type root time algbw busbw error time algbw busbw error\n",
       "  1048576  262144  float  0", "", "", "2e-07", ""},
      {"2019 reduce", "#  size count type redop root time algbw busbw error time algbw busbw error\n",
       "  1048576  262144  float  max  0", "", "", "2e-07", "max"},
      {"2022", std::string(fixture::header_2022), left_2022, "", "", "0", "sum"},
      {"2022 validation off", std::string(fixture::header_2022), left_2022, "", "", "N/A", "sum"},
      {"2022 many wrong", std::string(fixture::header_2022), left_2022, "", "", "1e+06", "sum"},
      {"2025 wide", wide + "\n", left_2022, "", "", "0", "sum"},
      {"2025 -S", wide + "           timestamp\n", left_2022, "", "  2025-10-17 12:34:56", "0", "sum"},
      {"2025 -I", per_iteration + "\n", left_2022, "  60.10  70.20  69.90  3.30", "", "0", "sum"},
      {"2025 -I -S", per_iteration + "  timestamp\n", left_2022, "  60.10  70.20  69.90  3.30", "  2025-10-17 12:34:56",
       "0", "sum"},
      {"an author's own column", " nodes size count type redop time algbw busbw error time algbw busbw error\n",
       "  1  1048576  262144  float  sum", "", "", "2e-07", "sum"},
      {"header without #", "  size count type redop root time algbw busbw #wrong time algbw busbw #wrong\n\n",
       left_2022, "", "", "0", "sum"},
  };
  for (const Layout& layout : layouts) {
    SCOPED_TRACE(layout.name);
    const std::string text = layout.header + layout.left + result(all_reduce, 8, 1048576, "61.44", layout.check) +
                             layout.group_end + result(all_reduce, 8, 1048576, "60.80", layout.check) +
                             layout.group_end + layout.row_end + "\n";
    const NcclTestsLog log = read_nccl_tests_text(text_of(text));
    const NcclTestsRow& row = only_row(log);
    EXPECT_TRUE(log.refused.empty());
    EXPECT_EQ(row.size_bytes, 1048576U);
    EXPECT_EQ(row.type, "float");
    EXPECT_EQ(row.redop, layout.redop);
    EXPECT_DOUBLE_EQ(row.out_of_place.time_us->value, 61.44);
    EXPECT_DOUBLE_EQ(row.out_of_place.algbw_gb_s->value, 17.07);
    ASSERT_TRUE(row.in_place);
    EXPECT_DOUBLE_EQ(row.in_place->time_us->value, 60.80);
    EXPECT_EQ(row.in_place->check, layout.check);
  }
}

TEST(NcclTestsText, ReadsOutOfPlaceAlone) {
  const auto log =
      read_nccl_tests_text(text_of("# size count type redop root time algbw busbw #wrong\n 1024 256 float sum -1" +
                                   result(all_reduce, 8, 1024, "12.50", "0") + "\n"));
  EXPECT_FALSE(only_row(log).in_place);
}

TEST(NcclTestsText, ReadsTheBanner) {
  const std::string text =
      "# nccl-tests version 2.17.6 nccl-headers=22807 nccl-library=22807\n"
      "# Collective test starting: all_gather_perf_mpi\n" +
      fixture::banner(4, 2, 30) + fixture::columns_2022() +
      fixture::row(Operation::all_gather, 4, 1048576, "61.44", "60.80") + std::string(fixture::footer);
  const auto log = read_nccl_tests_text(text_of(text));
  ASSERT_EQ(log.tables.size(), 1U);
  const NcclTestsPreamble& preamble = log.tables[0].preamble;
  EXPECT_EQ(preamble.test, "all_gather");
  EXPECT_EQ(preamble.version, "2.17.6");
  EXPECT_EQ(preamble.nccl_version, "2.28.7");
  EXPECT_EQ(preamble.iterations, 30U);
  EXPECT_EQ(preamble.aggregated, 1U);
  ASSERT_EQ(preamble.ranks.size(), 4U);
  EXPECT_EQ(preamble.ranks[3].host, "node1");
  EXPECT_EQ(preamble.ranks[3].bus, "0x11");
  EXPECT_EQ(preamble.ranks[3].gpu, "Model T 80GB");
  EXPECT_TRUE(log.tables[0].complete);
}

TEST(NcclTestsText, PutsARowTogetherThatDiagnosticsCut) {
  const std::string left = "     1048576        262144     float     sum      -1";
  const std::string right = result(all_reduce, 8, 1048576, "61.44", "0");
  const std::string noise = "node1:190:191 [0] NCCL INFO Channel 04/0 : 7[3] -> 0[0] [receive] via NET/IB/2\n";
  for (const std::string& body :
       {left + noise + noise + right + right + "\n", left + right + noise + noise + right + "\n",
        left + noise + right + noise + "Authorization required, but no protocol given\n" + right + "\n"}) {
    const auto log = read_nccl_tests_text(text_of(fixture::columns_2022() + body));
    EXPECT_EQ(only_row(log).size_bytes, 1048576U) << body;
    EXPECT_EQ(only_row(log).line, 4U);
    EXPECT_EQ(log.tables[0].notes.size(), 1U);
    EXPECT_TRUE(log.refused.empty());
  }
}

TEST(NcclTestsText, RefusesRowsThatStayCut) {
  const auto log = read_nccl_tests_text(
      text_of(fixture::columns_2022() + "  1024  256  float  sum  -1  12.50  0.08\n" +               // line 4
              fixture::row(all_reduce, 8, 2048, "13.00", "12.00") + "  4096  1024  float  sum\n"));  // line 6
  ASSERT_EQ(log.refused.size(), 2U);
  EXPECT_EQ(log.refused[0].line, 4U);
  EXPECT_NE(log.refused[0].reason.find("cut off"), std::string::npos);
  EXPECT_EQ(log.refused[1].line, 6U);
  EXPECT_EQ(only_row(log).size_bytes, 2048U);
}

TEST(NcclTestsText, SeparatesTables) {
  const std::string row = fixture::row(all_reduce, 8, 1024, "12.50", "12.25");
  const std::string table = fixture::columns_2022() + row;
  const std::string footer(fixture::footer);
  const struct {
    std::string text;
    std::size_t tables;
    std::size_t rows_of_last;
  } cases[] = {
      {table + footer + table + footer, 2, 1},
      {table + table, 2, 1},                          // concatenated excerpts
      {table + fixture::banner(8, 8) + table, 2, 1},  // the first run died
      {table + row + row + footer, 1, 3},             // -N cycles
      {"```\n" + table + "```\n\nBetter than ever:\n\n```\n" + table + "```\n", 2, 1},
      {"$ ./build/all_reduce_perf -b 8 -e 8G\n" + table + footer + "$\n", 1, 1},
      {row + row, 1, 2},  // no header at all
      {fixture::columns_2022() + footer, 1, 0},
      {"hello", 0, 0},
  };
  for (const auto& expected : cases) {
    const auto log = read_nccl_tests_text(text_of(expected.text));
    ASSERT_EQ(log.tables.size(), expected.tables) << expected.text;
    if (!log.tables.empty()) {
      EXPECT_EQ(log.tables.back().rows.size(), expected.rows_of_last) << expected.text;
    }
    EXPECT_TRUE(log.refused.empty()) << expected.text;
  }
}

TEST(NcclTestsText, DoesNotCarryARankListOverToTheNextTable) {
  const std::string table = fixture::columns_2022() + fixture::rows_of_8();
  for (const std::string& end : {std::string(fixture::footer), std::string()}) {
    const auto log = read_nccl_tests_text(text_of(fixture::banner(8, 8) + table + end + table));
    ASSERT_EQ(log.tables.size(), 2U);
    EXPECT_EQ(log.tables[0].preamble.ranks.size(), 8U);
    EXPECT_EQ(log.tables[1].preamble.ranks.size(), 0U);
  }
}

TEST(NcclTestsText, MarksTwoHeadersInARowAsInterleavedRuns) {
  const auto log = read_nccl_tests_text(
      text_of(fixture::columns_2022() + fixture::columns_2022() + fixture::rows_of_8() + fixture::rows_of_8()));
  ASSERT_EQ(log.tables.size(), 1U);
  EXPECT_TRUE(log.tables[0].repeats_header);
  EXPECT_FALSE(log.tables[0].mixed.empty());
}

TEST(NcclTestsText, ListsLinesThatLookLikeDataButAreNot) {
  const auto log =
      read_nccl_tests_text(text_of("# OSU MPI Allreduce Latency Test\n4  24.32\n8  24.62\n\nThe end of 2 runs.\n"));
  ASSERT_EQ(log.refused.size(), 2U);
  EXPECT_EQ(log.refused[0].line, 2U);
  EXPECT_EQ(log.refused[1].line, 3U);
}

TEST(NcclTestsText, ReadsThroughLaunchersPrefixes) {
  const std::string table = fixture::columns_2022() + fixture::rows_of_8();
  for (const std::string prefix : {"[1,0]<stdout>:", " 3: ", "> ", "[0] "}) {
    std::string text = prefix;
    for (const char c : table) {
      text += c;
      text += c == '\n' ? prefix : "";
    }
    const auto log = read_nccl_tests_text(text_of(text));
    ASSERT_EQ(log.tables.size(), 1U) << prefix;
    EXPECT_EQ(log.tables[0].rows.size(), 3U) << prefix;
  }
}

}  // namespace
}  // namespace hockney::import
