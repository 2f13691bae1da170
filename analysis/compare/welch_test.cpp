#include "compare/welch.hpp"

#include <array>
#include <cmath>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "compare/holm.hpp"

namespace hockney::compare {
namespace {

// The first example of Wikipedia's article on Welch's t-test: t = -2.46, 25.0 degrees of freedom, P = 0.021.
constexpr std::array first{27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4};
constexpr std::array second{27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 20.5, 24.4};

TEST(Welch, AgreesWithThePublishedExample) {
  const Difference difference = welch(first, second);
  EXPECT_NEAR(difference.value / difference.standard_error, 2.46, 0.005);
  EXPECT_NEAR(difference.freedom, 25.0, 0.05);
  EXPECT_NEAR(difference.p_if_equal(), 0.021, 0.0005);
}

TEST(Welch, TheIntervalEndsWhereTheTestRejects) {
  const Difference difference = welch(first, second);
  const Interval interval = difference.interval(1 - difference.p_if_equal());
  EXPECT_NEAR(interval.low, 0, 1e-9);
  const Interval one_sided = difference.interval(0.9);
  EXPECT_NEAR(difference.p_if_apart(one_sided.high), 0.05, 1e-9);
  EXPECT_GT(difference.p_if_apart(difference.value / 2), 0.5);
}

TEST(Welch, ValuesWithoutScatterShowNothing) {
  const std::array<double, 2> ones{1, 1};
  const std::array<double, 3> twos{2, 2, 2};
  for (const Difference& each : {welch(ones, twos), welch(ones, ones), paired(ones, ones)}) {
    EXPECT_DOUBLE_EQ(each.p_if_equal(), 1);
    EXPECT_DOUBLE_EQ(each.p_if_apart(0.02), 1);
    EXPECT_TRUE(std::isinf(each.interval().high));
  }
}

TEST(Welch, PairsHaveTheScatterOfTheirDifferencesAlone) {
  const std::array<double, 4> one{1, 2, 3, 4};
  const std::array<double, 4> other{1.1, 2.2, 3.1, 4.2};
  const Difference difference = paired(one, other);
  EXPECT_NEAR(difference.value, 0.15, 1e-12);
  EXPECT_NEAR(difference.standard_error, std::sqrt(0.01 / 3 / 4), 1e-12);
  EXPECT_DOUBLE_EQ(difference.freedom, 3);
  EXPECT_LT(difference.p_if_equal(), welch(one, other).p_if_equal());
}

TEST(Welch, RefusesSingleValues) {
  const std::array<double, 1> one{1};
  EXPECT_THROW(welch(one, first), Failure);
  EXPECT_THROW(paired(one, one), Failure);
  EXPECT_THROW(paired(one, first), Failure);
}

TEST(Holm, MultipliesFromTheSmallestUp) {
  const std::vector<double> corrected = holm(std::array{0.01, 0.04, 0.03, 0.005});
  EXPECT_DOUBLE_EQ(corrected[3], 0.02);
  EXPECT_DOUBLE_EQ(corrected[0], 0.03);
  EXPECT_DOUBLE_EQ(corrected[2], 0.06);
  EXPECT_DOUBLE_EQ(corrected[1], 0.06);
  EXPECT_DOUBLE_EQ(holm(std::array{0.7, 0.9}).front(), 1);
  EXPECT_TRUE(holm({}).empty());
}

}  // namespace
}  // namespace hockney::compare
