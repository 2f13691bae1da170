#pragma once

#include <optional>

#include "record/launch.hpp"
#include "vocabulary/inter_node_ports.hpp"

namespace hockney::inline record {

/// Writes the ports of rank 0's node into a launch's provenance: keys "ports.fabric", "ports.count" and
/// "ports.bytes_per_s", of one port.
void state(Provenance& provenance, const InterNodePorts& ports);

/// What state() wrote; nothing where a launch does not tell (imported, simulated, or of an earlier version). Throws
/// InputError for numbers that are none, or not above 0.
std::optional<InterNodePorts> stated_ports(const Provenance& provenance);

}  // namespace hockney::inline record
