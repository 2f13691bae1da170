#include "import/text/printed_number.hpp"

#include <gtest/gtest.h>

namespace hockney::import {
namespace {

TEST(PrintedNumber, KnowsHalfAStepOfItsLastDigit) {
  const struct {
    const char* word;
    double value;
    double half_step;
  } cases[] = {{"1.25", 1.25, 0.005}, {"16215", 16215, 0.5}, {"1.0e+07", 1e7, 5e5},
               {"2e-07", 2e-7, 5e-8}, {"0.00", 0, 0.005},    {"374.3", 374.3, 0.05}};
  for (const auto& expected : cases) {
    const auto number = read_printed_number(expected.word);
    ASSERT_TRUE(number) << expected.word;
    EXPECT_DOUBLE_EQ(number->value, expected.value) << expected.word;
    EXPECT_NEAR(number->half_step, expected.half_step, 1e-9 * expected.half_step) << expected.word;
  }
  for (const auto* word : {"", "N/A", "nan", "inf", "1.2.3", "12us", "float", "0x0f", "1e999"}) {
    EXPECT_FALSE(read_printed_number(word)) << word;
  }
}

TEST(PrintedNumber, MayBeEqualWithinTheRoundings) {
  const PrintedNumber a{1.25, 0.005};
  EXPECT_TRUE(may_be_equal(a, 2, {2.5, 0.05}));
  EXPECT_TRUE(may_be_equal(a, 2, {2.56, 0.05}));
  EXPECT_FALSE(may_be_equal(a, 2, {2.57, 0.05}));
}

}  // namespace
}  // namespace hockney::import
