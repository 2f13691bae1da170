#include "import/nccl_tests/nccl_tests_runs.hpp"

#include <gtest/gtest.h>
#include <utility>

#include "import/nccl_tests/nccl_tests_fixture.hpp"

namespace hockney::import {
namespace {

using fixture::row;

std::string rows_of_sizes(const std::vector<std::uint64_t>& sizes) {
  std::string text;
  for (const std::uint64_t size : sizes) {
    text += row(Operation::all_reduce, 8, size, "61.44", "60.80");
  }
  return text;
}

std::vector<std::vector<std::uint64_t>> sizes_of_tables(const NcclTestsLog& log) {
  std::vector<std::vector<std::uint64_t>> sizes;
  for (const NcclTestsTable& table : log.tables) {
    sizes.emplace_back();
    for (const NcclTestsRow& entry : table.rows) {
      sizes.back().push_back(entry.size_bytes);
    }
  }
  return sizes;
}

TEST(SeparateRuns, TellsRunsApartByTheSizeThatEachExpects) {
  const struct {
    std::vector<std::uint64_t> sizes;
    std::vector<std::vector<std::uint64_t>> runs;
  } cases[] = {
      {{8, 16, 32, 64, 128, 8, 256, 16, 512, 32}, {{8, 16, 32, 64, 128, 256, 512}, {8, 16, 32}}},
      {{8, 16, 32, 8, 16, 32}, {{8, 16, 32, 8, 16, 32}}},                      // cycles of -N
      {{8, 16, 32, 64, 1024, 8, 16, 32}, {{8, 16, 32, 64, 1024, 8, 16, 32}}},  // rows cut out by an author
      {{4, 8, 12, 16, 4, 20, 8, 24, 12}, {{4, 8, 12, 16, 20, 24}, {4, 8, 12}}},
  };
  for (const auto& expected : cases) {
    const auto log = read_nccl_tests_text(text_of(rows_of_sizes(expected.sizes)));
    EXPECT_EQ(sizes_of_tables(log), expected.runs) << testing::PrintToString(expected.sizes);
    for (const NcclTestsTable& table : log.tables) {
      EXPECT_EQ(table.mixed, "");
      EXPECT_EQ(table.notes.empty(), log.tables.size() == 1);
    }
  }
}

TEST(SeparateRuns, RefusesWhereTwoRunsExpectOneSize) {
  const std::string two_headers = fixture::columns_2022() + fixture::columns_2022();
  const std::string step = "# nThread 1 nGpus 8 minBytes 8 maxBytes 64 step: 2(factor) iters: 20\n";
  for (const std::string& text :
       {rows_of_sizes({8, 16, 32, 8, 64, 16, 32, 64, 128}), step + two_headers + rows_of_sizes({8, 8, 16, 16, 32, 32}),
        two_headers + rows_of_sizes({8, 16})}) {
    const auto log = read_nccl_tests_text(text_of(text));
    ASSERT_EQ(log.tables.size(), 1U);
    EXPECT_NE(log.tables[0].mixed.find("may be"), std::string::npos) << text;
  }
}

TEST(SeparateRuns, KeepsARegularRunUnderTwoHeaders) {
  const auto log =
      read_nccl_tests_text(text_of(fixture::columns_2022() + fixture::columns_2022() + rows_of_sizes({8, 16, 32, 64})));
  ASSERT_EQ(log.tables.size(), 1U);
  EXPECT_TRUE(log.tables[0].repeats_header);
  EXPECT_EQ(log.tables[0].mixed, "");
}

TEST(SeparateRuns, KeepsRowsOfARunWhoseFooterComesLater) {
  const std::string banner = fixture::banner(8, 8);
  const auto log = read_nccl_tests_text(text_of(banner + banner + fixture::columns_2022() + fixture::columns_2022() +
                                                rows_of_sizes({8, 16, 32, 8, 64, 16}) + std::string(fixture::footer) +
                                                rows_of_sizes({32, 64}) + std::string(fixture::footer)));
  EXPECT_EQ(sizes_of_tables(log), (std::vector<std::vector<std::uint64_t>>{{8, 16, 32, 64}, {8, 16, 32, 64}}));
  for (const NcclTestsTable& table : log.tables) {
    EXPECT_EQ(table.preamble.ranks.size(), 16U);  // both lists: nothing tells whose run is whose
    EXPECT_TRUE(table.complete);
  }
}

NcclTestsTable only_table(const std::string& text) {
  auto log = read_nccl_tests_text(text_of(text));
  EXPECT_EQ(log.tables.size(), 1U);
  return log.tables.empty() ? NcclTestsTable{} : std::move(log.tables[0]);
}

TEST(SeparateRankCounts, CutsWhereTheSizeFalls) {
  const std::string text = "== 1 node ==\n" + row(Operation::all_reduce, 8, 1U << 29U, "2880.5", "2865.4") +
                           row(Operation::all_reduce, 8, 1U << 30U, "5525.0", "5525.8") +
                           row(Operation::all_reduce, 16, 1U << 29U, "2980.5", "2965.4");
  const auto tables = separate_rank_counts(only_table(text), Operation::all_reduce);
  ASSERT_EQ(tables.size(), 2U);
  EXPECT_EQ(tables[0].rows.size(), 2U);
  EXPECT_EQ(tables[1].first_line, 4U);
  EXPECT_EQ(separate_rank_counts(only_table(fixture::rows_of_8()), Operation::all_reduce).size(), 1U);
}

TEST(SeparateRankCounts, FollowsAnAuthorsOwnColumn) {
  std::string text = " nodes size count type redop root time algbw busbw #wrong time algbw busbw #wrong\n";
  for (const std::uint32_t nodes : {1U, 2U, 1U}) {
    text += std::to_string(nodes) + " " + row(Operation::all_reduce, 8 * nodes, 1U << 30U, "5525.0", "5525.8");
  }
  const auto tables = separate_rank_counts(only_table(text), Operation::all_reduce);
  ASSERT_EQ(tables.size(), 2U);
  EXPECT_EQ(tables[0].rows.size(), 2U);
  EXPECT_EQ(tables[0].rows[1].own, "1");
  EXPECT_EQ(tables[1].rows[0].own, "2");
}

TEST(SeparateRankCounts, LeavesRowsThatContradictThemselvesTogether) {
  std::string text = row(Operation::all_reduce, 8, 1U << 30U, "5525.0", "5525.8");
  text.insert(text.find("5525.0"), "9");
  EXPECT_EQ(separate_rank_counts(only_table(text + text), Operation::all_reduce).size(), 1U);
}

}  // namespace
}  // namespace hockney::import
