#pragma once

#include <optional>
#include <string>

#include "base/seconds.hpp"
#include "plan/case.hpp"

namespace hockney::inline plan {

/// Why a step_replay point cannot be replayed on any machine, as check() says it; nothing when it can, and for other
/// operations.
std::optional<std::string> why_not_replayed(const Case& point);

/// Busy time on the critical path of a step_replay point that stands for compute: its time without communication.
Seconds compute_of(const Case& point);

/// Kernels that one rank queues in one step, at most: actions of the rank with the most of them.
std::uint64_t queued_actions(const Case& point);

/// The longest message or buffer of a step_replay point.
Bytes longest_message(const Case& point);

}  // namespace hockney::inline plan
