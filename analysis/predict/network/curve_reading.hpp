#pragma once

#include <optional>

#include "predict/network/answer.hpp"
#include "predict/network/curve_family.hpp"

namespace hockney::predict {

// What a family of curves says of a message, each for one way to reach its ranks; nothing where that way is not open.
// All remark what differs between message and curve. Where the ranks per node differ, the part of the time that grows
// with the payload is scaled by the NICs (one per rank) that the group's bytes leave a node through.

/// The curve with the message's ranks, or any curve of a transfer.
std::optional<Answer> read_curve(const Family& family, const Message& message);

/// Between two measured counts: interpolate_ranks().
std::optional<Answer> read_neighbours(const Family& family, const Message& message);

/// Beyond the measured counts, by the model's law over ranks where it has one that reaches that far (GroupLaw::at())
/// or, where the power law through the two largest counts did better in that law's hold-out, by that.
std::optional<Answer> read_law(const cost::CostModel& model, const Family& family, const Message& message);

/// Beyond the measured counts, from the nearest: extrapolate_ranks().
std::optional<Answer> read_ring_steps(const Family& family, const Message& message);

}  // namespace hockney::predict
