#pragma once

#include <nlohmann/json.hpp>

#include "simulate/fluid.hpp"

namespace hockney::simulate {

// What goes to hockney-simgrid; back comes an array of end times.
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Flow, gap_s, latency_s, bytes, most_bytes_per_s, links, slices, operations)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Network, link_bytes_per_s, flows)

}  // namespace hockney::simulate
