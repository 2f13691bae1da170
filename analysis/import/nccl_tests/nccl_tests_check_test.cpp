#include "import/nccl_tests/nccl_tests_check.hpp"

#include <gtest/gtest.h>

#include "import/nccl_tests/nccl_tests_fixture.hpp"
#include "import/nccl_tests/nccl_tests_text.hpp"

namespace hockney::import {
namespace {

constexpr Operation read_operations[] = {Operation::all_reduce, Operation::all_gather, Operation::reduce_scatter,
                                         Operation::all_to_all};

std::vector<NcclTestsRow> rows_of(const std::string& text) {
  const auto log = read_nccl_tests_text(text_of(fixture::columns_2022() + text));
  return log.tables.empty() ? std::vector<NcclTestsRow>{} : log.tables[0].rows;
}

TEST(RankBounds, HoldTheTrueRankCount) {
  for (const Operation operation : read_operations) {
    for (const std::uint32_t ranks : {2U, 3U, 8U, 16U, 24U, 72U}) {
      const std::uint64_t size = 4ULL * ranks * (1U << 24U);
      const auto rows = rows_of(fixture::row(operation, ranks, size, "5161.5", "5029.9"));
      ASSERT_EQ(rows.size(), 1U);
      const RankBounds bounds = ranks_of_rows(operation, rows);
      EXPECT_TRUE(bounds.allows(ranks)) << name_of(operation) << ' ' << ranks;
      EXPECT_FALSE(bounds.allows(2 * ranks)) << name_of(operation) << ' ' << ranks;
      if (operation != Operation::all_reduce || ranks <= 24) {
        EXPECT_EQ(bounds.only(), ranks) << name_of(operation) << ' ' << ranks;
      }
    }
  }
}

TEST(RankBounds, SayNothingWithoutDigits) {
  const auto rows = rows_of(fixture::row(Operation::all_reduce, 8, 8, "12.50", "12.25"));
  const RankBounds bounds = ranks_of_rows(Operation::all_reduce, rows);
  EXPECT_TRUE(bounds.allows(2));
  EXPECT_TRUE(bounds.allows(1000));
  EXPECT_FALSE(bounds.only());
}

TEST(RankBounds, AreEmptyWhenRowsDisagree) {
  const auto rows = rows_of(fixture::row(Operation::all_reduce, 8, 1U << 30U, "8159.5", "8176.5") +
                            fixture::row(Operation::all_reduce, 16, 1U << 30U, "9159.5", "9176.5"));
  EXPECT_TRUE(ranks_of_rows(Operation::all_reduce, rows).empty());
}

TEST(ContradictionIn, FindsWhatDoesNotFit) {
  const std::string left = "  1048576  262144  float  sum  -1";
  const std::string good = fixture::result(Operation::all_reduce, 8, 1048576, "61.44", "0");
  const struct {
    std::string row;
    std::uint32_t ranks;
    const char* expected;
  } cases[] = {
      {left + good + good, 8, ""},
      {left + good + good, 16, "imply"},
      {"  1048576  131072  float  sum  -1" + good + good, 8, "count"},
      {left + good + "  61.44  27.07  29.87  0", 8, "algbw"},
      {left + good + "  61.44  17.07  39.87  0", 8, "imply"},
      {left + "  6.1e+01  17.07  29.87  0" + good, 8, ""},  // two digits allow 16.9 to 17.3 GB/s
  };
  for (const auto& expected : cases) {
    const auto rows = rows_of(expected.row + "\n");
    ASSERT_EQ(rows.size(), 1U) << expected.row;
    bool quirk = false;
    const std::string found = contradiction_in(Operation::all_reduce, expected.ranks, rows[0], quirk);
    EXPECT_EQ(found.empty(), std::string_view(expected.expected).empty()) << found;
    EXPECT_NE(found.find(expected.expected), std::string::npos) << found;
    EXPECT_FALSE(quirk);
  }
}

TEST(ContradictionIn, KnowsTheAlgbwOfBeforeJune2020) {
  // 1048576 B in 61.44 us is 17.07 GB/s; 7/8 of it is 14.93
  const auto rows = rows_of("  1048576  32768  float  none  -1  61.44  14.93  14.93  0  61.44  14.93  14.93  0\n");
  ASSERT_EQ(rows.size(), 1U);
  bool quirk = false;
  EXPECT_EQ(contradiction_in(Operation::all_gather, 8, rows[0], quirk), "");
  EXPECT_TRUE(quirk);
  EXPECT_NE(contradiction_in(Operation::all_to_all, 8, rows[0], quirk), "");
}

TEST(VerificationOf, ReadsWrongCountsAndErrors) {
  using enum CheckColumn;
  const struct {
    const char* check;
    CheckColumn column;
    const char* type;
    Verification expected;
  } cases[] = {
      {"0", wrong_count, "float", Verification::passed},     {"13440", wrong_count, "float", Verification::failed},
      {"1e+06", wrong_count, "float", Verification::failed}, {"N/A", wrong_count, "float", Verification::not_checked},
      {"2e-07", max_error, "float", Verification::passed},   {"1e+00", max_error, "float", Verification::failed},
      {"1e-03", max_error, "half", Verification::passed},    {"1e-03", max_error, "float", Verification::failed},
      {"1e-10", max_error, "int32", Verification::failed},   {"2e-07", unknown, "float", Verification::not_checked},
      {"0e+00", unknown, "float", Verification::passed},     {"7", unknown, "float", Verification::failed},
  };
  for (const auto& expected : cases) {
    EXPECT_EQ(verification_of(expected.check, expected.column, expected.type), expected.expected)
        << expected.check << ' ' << expected.type;
  }
}

}  // namespace
}  // namespace hockney::import
