#pragma once

#include <cstdint>

#include "cost/cost_model.hpp"
#include "units/bytes.hpp"

namespace hockney {

/// A copy of the curve whose segments' alphas, betas, their intervals, covariances and launches are multiplied.
/// `points` and `validation` stay as measured.
CostCurve scaled(const CostCurve& curve, double alpha_factor, double beta_factor);

/// What a collective's curve, measured at n0 ranks, says of n ranks. The value is ring scaling (Thakur, Rabenseifner &
/// Gropp 2005: steps in proportion to n - 1, volume to (n - 1)/n):
///   alpha (n - 1)/(n0 - 1),   beta [(n - 1)/n] / [(n0 - 1)/n0].
/// The interval is the hull of that and of tree scaling of alpha (log2 n / log2 n0, same beta), each with the curve's
/// own interval. Always marked extrapolated, with the remark "extrapolated from n0 to n ranks by ring steps"; segment
/// borders stay where they are. launches_s is empty: launches know nothing of this uncertainty.
/// Throws Failure unless both rank counts are at least 2 and differ.
Estimate extrapolate_ranks(const CostCurve& curve, std::uint32_t ranks, Bytes payload);

/// Log-log interpolation in the number of ranks between two curves with below < ranks < above, of values and interval
/// ends alike; the basis is the weaker one. Remark: "interpolated between N and M ranks". `curve` and `segment` are
/// those of `below`; launches_s is empty. Throws Failure when `ranks` does not lie between.
Estimate interpolate_ranks(const CostCurve& below, const CostCurve& above, std::uint32_t ranks, Bytes payload);

}  // namespace hockney
