#pragma once

#include <optional>

#include "predict/network/answer.hpp"
#include "predict/network/curve_family.hpp"
#include "predict/network/nic_rate.hpp"

namespace hockney::predict {

// What a family of curves says of a message, each for one way to reach its ranks; nothing where that way is not open.
// All remark what differs between message and curve. Where the ranks per node differ, the part of the time that grows
// with the payload is scaled by the NICs (one per rank) that the group's bytes leave a node through.

/// Groups that run at once in a number that was not measured while two others were: estimate_at_once() of
/// Family::loads.
std::optional<Answer> read_loads(const Family& family, const Message& message);

/// The curve with the message's ranks, or any curve of a transfer.
std::optional<Answer> read_curve(const Family& family, const Message& message);

/// Between two measured counts: interpolate_ranks().
std::optional<Answer> read_neighbours(const Family& family, const Message& message);

/// Beyond the largest count by the power law through the two largest, where three were measured and it erred less than
/// ring steps (hold_out_ranks()): extrapolate_by_power_law().
std::optional<Answer> read_power_law(const Family& family, const Message& message);

/// An all_to_all between nodes beyond the measured counts, from the nearest, where the power law does not answer:
/// extrapolate_leaving_share(), if leaving_share_fits() the two nearest counts. Not where all ranks would fit on one of
/// the measured nodes.
std::optional<Answer> read_leaving_share(const Family& family, const Message& message);

/// Beyond the measured counts, from the nearest: extrapolate_ranks().
std::optional<Answer> read_ring_steps(const Family& family, const Message& message);

/// Seconds that a ring over nodes takes longer than `answer` because of NetworkOptions::ring_rate(), where the curve
/// was measured with more ranks per node: a ring of all GPUs of its nodes tells nothing of one that shares their NICs
/// with others. 0 for everything else, so that a curve of the asked kind is never corrected.
double ring_limit_s(const Answer& answer, const Message& message, const NetworkOptions& options);

}  // namespace hockney::predict
