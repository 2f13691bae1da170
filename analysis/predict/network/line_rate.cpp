#include "predict/network/line_rate.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/error.hpp"

namespace hockney::predict {

Seconds LineRate::time(Operation operation, const PlacedGroup& placed, Bytes payload) const {
  if (!placed.crosses_nodes()) {
    throw Failure("a line rate between nodes was asked for a group in one node");
  }
  double hops = 1;
  double lines = 1;
  if (!is_point_to_point(operation)) {
    hops = (operation == Operation::all_reduce ? 2.0 : 1.0) * (placed.nodes - 1);
    lines = std::max(1U, placed.group.ranks / placed.nodes);
  }
  double volume = wire_factor(operation, placed.group.ranks) * static_cast<double>(payload.count);
  if (operation == Operation::all_to_all) {  // every rank sends through a NIC of its own what leaves its node
    const double ranks = placed.group.ranks;
    volume = (ranks - lines) / ranks * static_cast<double>(payload.count);
    lines = 1;
  }
  return Seconds{hops * latency.count() + volume / (lines * bandwidth.value)};
}

cost::Estimate LineRate::at(Operation operation, const PlacedGroup& placed, Bytes payload) const {
  cost::Estimate estimate;
  estimate.value_s = time(operation, placed, payload).count();
  estimate.low_s = estimate.value_s;
  estimate.high_s = estimate.value_s;
  estimate.basis = cost::IntervalBasis::line_rate;
  estimate.curve = fmt::format("line rate {}, {}", to_string(bandwidth), to_string(latency));
  estimate.remark = "estimated from line rate, not measured";
  return estimate;
}

}  // namespace hockney::predict
