#pragma once

#include "record/measurement.hpp"

namespace hockney::inline record {

/// The remark "wide_bracket": of the time of a point less is known than its 95 % interval says. It lies between
/// Summary::fastest_rank_s and Summary::median_s wherever the ranks began (docs/measuring.md, "Time across ranks"), and
/// these two are further apart than the ends of the interval. Derived from what is stored, so that launch files of
/// every version have it; no reason to leave a point out of a fit: ranks leave a ring one after another even when
/// nothing is wrong. Never for operations of which the bracket does not hold (is_synchronising()), nor where the ranks
/// have no times of their own, as in imported logs.
///
/// `visit`: any pass of the point that `summary` is of.
bool has_wide_bracket(const VisitRecord& visit, const Summary& summary);

}  // namespace hockney::inline record
