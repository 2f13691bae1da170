#pragma once

#include "plan/plan.hpp"
#include "record/measured.hpp"
#include "transport/transport.hpp"

namespace hockney::measure {

/// Measures one point: warm-up until steady, a look at what the library makes of the operation, batches of samples
/// until the stopping rule is satisfied, verification; then ends the link in good order. A point whose devices were
/// throttled is sampled again, once, and the second time is kept.
///
/// Of collectives in the modes stream and graph, warm-up tells how many operations fill a sample of 100 us, at least
/// Case::operations_per_sample and at most most_operations(): the returned case holds the number. All times, the
/// clock's step and floor too, are per operation.
///
/// A request to stop (stop_requested() on the group's rank 0) ends the point after the batch that is being taken.
///
/// Every decision falls on the group's rank 0 and is broadcast outside the timed region, so that all ranks stay in
/// lockstep. Verification covers timed operations: outputs are poisoned before every batch, and the results that the
/// last batch left are compared with the exact answer on every rank.
///
/// Collective: every rank of `link`. `trial` is null exactly when link.verbs() is. On rank 0 the returned visit
/// is complete but for point_id, pass and the flags that the caller knows (simulated, oversubscribed); on the other
/// ranks only `verification` and `flags` are filled in, and there is no summary.
Measured sample_point(transport::Link& link, transport::Trial* trial, const Case& point, const Sampling& sampling);

}  // namespace hockney::measure
