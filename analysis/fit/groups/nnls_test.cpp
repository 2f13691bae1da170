#include "fit/groups/nnls.hpp"

#include <gtest/gtest.h>

namespace hockney::fit {
namespace {

TEST(NonNegativeLeastSquares, IsTheFreeSolutionWhereThatIsNotNegative) {
  Eigen::MatrixXd a(3, 2);
  a << 1, 0, 0, 1, 1, 1;
  const Eigen::VectorXd x = non_negative_least_squares(a, a * Eigen::Vector2d(2, 3));
  EXPECT_NEAR(x(0), 2, 1e-12);
  EXPECT_NEAR(x(1), 3, 1e-12);
}

TEST(NonNegativeLeastSquares, HoldsAtZeroWhatWouldBeNegative) {
  Eigen::MatrixXd a(3, 2);
  a << 1, 0, 1, 1, 1, 2;
  const Eigen::VectorXd x = non_negative_least_squares(a, Eigen::Vector3d(3, 2, 1));  // free: 3 - m
  EXPECT_EQ(x(1), 0);
  EXPECT_NEAR(x(0), 2, 1e-12) << "the mean";
}

}  // namespace
}  // namespace hockney::fit
