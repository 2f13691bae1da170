#pragma once

#include "plan/plan.hpp"
#include "record/measurement.hpp"
#include "transport/transport.hpp"

namespace hockney {

/// Measures one point: warm-up until steady, batches of samples until the stopping rule is satisfied, verification.
///
/// Every decision falls on the group's rank 0 and is broadcast outside the timed region, so that all ranks stay in
/// lockstep. Verification covers timed operations: outputs are poisoned before every batch, and the result that the
/// last timed operation of the point left is compared with the exact answer on every rank.
///
/// Collective: every rank of `link`. `trial` is null exactly when link.verbs() is. On rank 0 the returned Measurement
/// is complete but for point_id, pass and the flags that the caller knows (simulated, oversubscribed); on the other
/// ranks only `verification` and `flags` are filled in.
Measurement sample_point(Link& link, Trial* trial, const Case& point, const Sampling& sampling);

}  // namespace hockney
