#include "fit/groups/nnls.hpp"

#include <Eigen/QR>
#include <algorithm>
#include <limits>
#include <vector>

namespace hockney::fit {
namespace {

constexpr double tolerance = 1e-10;
constexpr int most_rounds_per_column = 3;  // what Lawson & Hanson's own program allows

Eigen::VectorXd solve_on(const Eigen::MatrixXd& a, const Eigen::VectorXd& b, const std::vector<bool>& free) {
  std::vector<Eigen::Index> columns;
  for (Eigen::Index i = 0; i < a.cols(); ++i) {
    if (free[static_cast<std::size_t>(i)]) {
      columns.push_back(i);
    }
  }
  if (columns.empty()) {
    return Eigen::VectorXd::Zero(a.cols());
  }
  const Eigen::VectorXd part = a(Eigen::all, columns).colPivHouseholderQr().solve(b);
  Eigen::VectorXd x = Eigen::VectorXd::Zero(a.cols());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    x[columns[i]] = part[static_cast<Eigen::Index>(i)];
  }
  return x;
}

}  // namespace

Eigen::VectorXd non_negative_least_squares(const Eigen::MatrixXd& a, const Eigen::VectorXd& b) {
  const Eigen::Index count = a.cols();
  const double small = tolerance * a.norm() * b.norm();
  std::vector<bool> free(static_cast<std::size_t>(count), false);
  Eigen::VectorXd x = Eigen::VectorXd::Zero(count);
  for (Eigen::Index round = 0; round < most_rounds_per_column * count; ++round) {
    const Eigen::VectorXd gradient = a.transpose() * (b - a * x);
    Eigen::Index steepest = -1;
    for (Eigen::Index i = 0; i < count; ++i) {
      if (!free[static_cast<std::size_t>(i)] && gradient[i] > small &&
          (steepest < 0 || gradient[i] > gradient[steepest])) {
        steepest = i;
      }
    }
    if (steepest < 0) {
      break;
    }
    free[static_cast<std::size_t>(steepest)] = true;
    Eigen::VectorXd candidate = solve_on(a, b, free);
    while (true) {
      double step = 1;
      for (Eigen::Index i = 0; i < count; ++i) {
        if (free[static_cast<std::size_t>(i)] && candidate[i] <= 0) {
          step = std::min(step, x[i] / (x[i] - candidate[i] + std::numeric_limits<double>::min()));
        }
      }
      x += step * (candidate - x);
      if (step == 1) {
        break;
      }
      for (Eigen::Index i = 0; i < count; ++i) {
        if (free[static_cast<std::size_t>(i)] && x[i] <= tolerance) {
          free[static_cast<std::size_t>(i)] = false;
          x[i] = 0;
        }
      }
      candidate = solve_on(a, b, free);
    }
  }
  return x.cwiseMax(0);
}

}  // namespace hockney::fit
