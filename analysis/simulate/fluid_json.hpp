#pragma once

#include <nlohmann/json.hpp>

#include "simulate/fluid.hpp"

namespace hockney::simulate {

// What goes to hockney-simgrid, and what comes back: an array of FlowTimes.
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Step, latency_s, bytes, most_bytes_per_s, links, slices, operations)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Flow, steps, rounds, compute_s, pace)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Network, link_bytes_per_s, flows)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(FlowTimes, steps_s, end_s)

}  // namespace hockney::simulate
