#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "cost/cost_model.hpp"
#include "plan/case.hpp"

/// The law of sharing: what equal groups that run at once on the same nodes cost each other. With k flows per node,
///
///   t_k(m) = alpha + b_k(m),   b_k(m) = s m max(1/r, k/R)
///
/// r is a flow's own rate, R what the NICs of a node bring together, both in B/s, s the share of the payload m that
/// leaves the node, b_k a flow's bytes. It is the max-rate model of W. Gropp, L. N. Olson & P. Samfass: Modeling MPI
/// Communication Performance on SMP Nodes: Is it Time to Retire the Ping Pong Test, EuroMPI 2016,
/// doi:10.1145/2966884.2966919. The latency alpha does not change.
///
/// A node has several NICs and flows need not spread evenly over them, so that R is not reached at one k. What holds
/// all the same: with more flows, each one's bytes never take less time, the node never sends fewer bytes per second,
/// and every further flow costs no less than the one before. With two measured k this holds b_k between two bounds.
namespace hockney::predict {

/// The time of a flow's bytes, s, while `groups` groups run at once.
struct Load {
  double groups = 1;
  double bytes_s = 0;
};

/// What follows for another number of groups, s; low <= value <= high.
struct SharedBytes {
  double value_s = 0;
  double low_s = 0;
  double high_s = 0;
};

/// b_k from two measured loads or more, ascending in their groups. With j < l the two next to k (the two largest for a
/// k beyond all, the two smallest for one below), and the line through both, b_j + (b_l - b_j) (k - j)/(l - j):
///   j < k < l   from max(b_j, b_l k/l) to the line
///   k > l       from max(b_l, the line) to b_l k/l
///   k < j       from max(b_j k/j, the line) to b_j
/// The value is the geometric mean of both ends. Throws Failure for fewer than two loads.
SharedBytes bytes_at_once(std::span<const Load> loads, double groups);

/// Groups that ran at once on the same nodes; nothing for a group within one node, of which a Case does not tell.
std::optional<std::uint32_t> groups_at_once(const Case& shape);

/// s of an all_to_all over nodes: (n - g)/n of n ranks, g of them per node.
double leaving_share(double ranks, double ranks_per_node);

/// The error of the law itself, a fraction: an interval reaches from value / (1 + e) to value (1 + e), and further
/// where the bounds or the intervals of the curves do. It is the 95th percentile of the hold-out on the shipped systems
/// (sharing_hold_out.hpp; build/bin/sharing_quality prints it).
inline constexpr double sharing_error = 0.19;

/// What two or more curves that differ in their groups_at_once() only, ascending in it, say of another number. Alpha is
/// that of the first segment of the least loaded curve. Marked extrapolated outside the measured numbers, with a
/// remark; `curve` and `segment` are those of the nearest; launches_s is empty.
cost::Estimate estimate_at_once(std::span<const cost::CostCurve* const> loads, std::uint32_t groups, Bytes payload);

/// What an all_to_all over nodes, measured at n0 ranks, says of n ranks, as many per node: all flows of a node are
/// there at any n, so that R is the measured one, and s differs: beta times s(n)/s(n0). Alpha grows as the levels of a
/// tree, log2 n / log2 n0; the interval holds an alpha that stays and one that grows as the steps of a ring, too.
/// Always marked extrapolated, with a remark; launches_s is empty. Throws Failure unless both counts cross nodes.
///
/// Not every all_to_all is so: a proxy may carry what stays inside the node, too. leaving_share_fits() tells.
cost::Estimate extrapolate_leaving_share(const cost::CostCurve& curve, std::uint32_t ranks, Bytes payload);

/// Whether `next`, by leaving share, predicts the measured times of `nearest` at least as well as by ring steps
/// (extrapolate_ranks()): medians of |predicted / measured - 1| over the payloads that both have. True without any.
bool leaving_share_fits(const cost::CostCurve& nearest, const cost::CostCurve& next);

}  // namespace hockney::predict
