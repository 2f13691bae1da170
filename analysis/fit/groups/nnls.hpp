#pragma once

#include <Eigen/Core>

namespace hockney::fit {

/// The x >= 0 with the least |A x - b|, by the active-set algorithm of Lawson & Hanson (Solving Least Squares Problems,
/// 1974, chapter 23), which ends at the exact optimum after finitely many steps. Columns should be scaled alike.
Eigen::VectorXd non_negative_least_squares(const Eigen::MatrixXd& a, const Eigen::VectorXd& b);

}  // namespace hockney::fit
