#include "predict/step/step_model.hpp"

#include <gtest/gtest.h>

namespace hockney::predict {
namespace {

// Exact expectations of the largest of n standard normal deviates: 1/sqrt(pi), 3/(2 sqrt(pi)), then known values.
TEST(ExpectedLargest, IsWithinFivePercentOfTheExactOne) {
  EXPECT_EQ(expected_largest(1), 0);
  for (const auto& [n, exact] : {std::pair{2U, 0.56419}, std::pair{3U, 0.84628}, std::pair{10U, 1.53875},
                                 std::pair{100U, 2.50759}, std::pair{1000U, 3.24144}}) {
    EXPECT_NEAR(expected_largest(n) / exact, 1, 0.05) << n;
  }
}

}  // namespace
}  // namespace hockney::predict
