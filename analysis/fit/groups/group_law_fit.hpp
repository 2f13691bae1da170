#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cost/group_law.hpp"

namespace hockney::fit {

/// One measured time of one group.
struct GroupPoint {
  Group group;
  Bytes payload;
  double time_s = 0;
  double relative_error = 0;  ///< standard deviation of ln t, the fit's floor included
};

/// A law fitted to points of several groups and payloads.
struct LawFit {
  cost::LawRegime regime;
  double criterion = 0;      ///< cost + terms ln n: the Bayesian information criterion for known noise
  std::vector<double> logs;  ///< ln(law / measured) of every point
};

/// Design matrices whose column-scaled condition number is above this do not tell their terms apart.
inline constexpr double most_condition = 30;

/// The laws that may hold for an operation: the one that its algorithm names, or, where the algorithm is not known (or
/// not one of NCCL's), all that could be.
std::vector<cost::LawKind> candidate_laws(Operation operation, const std::string& algorithm);

/// Whether groups inside a node and across nodes tell a_intra and a_inter apart: one node, at least two other counts of
/// nodes, at least two counts of ranks per node.
bool separates_steps(std::span<const Group> groups);

/// Fits one law by least squares of relative errors with coefficients >= 0; a point's variance is relative_error^2 +
/// noise^2. Groups inside a node are used only where separates_steps(), else only those that cross nodes (where there
/// are any), with sums in place of what cannot be told apart (TermKind). A term whose column the others nearly make up
/// (condition above most_condition) is left out: their coefficients hold its share. Nothing where fewer than
/// `least_sizes` group sizes or two payloads take part, or the law explains nothing.
std::optional<LawFit> fit_law(cost::LawKind law, Operation operation, std::span<const GroupPoint> points, double noise,
                              std::size_t least_sizes);

/// Fills in the scatter, the covariance, the intervals and the degrees of freedom of a fit. Residuals of one group tend
/// to err together (one launch, one placement): with the share r of variance between groups (one-way analysis of
/// variance) and n points of a group, the covariance grows by 1 + (n - 1) r and the degrees of freedom shrink by it,
/// down to those of the groups alone.
void describe_uncertainty(LawFit& fit, Operation operation, std::span<const GroupPoint> points, double noise);

}  // namespace hockney::fit
