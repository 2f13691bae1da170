#pragma once

#include <string>

#include "simulate/contention.hpp"

namespace hockney::commands {

/// How a command line writes a phase.
inline constexpr const char* phase_form = "OP:SIZE:RANKS/PER_NODE[@GPU][:groups=N][:count=N][:gap=TIME]";

/// Reads "all_to_all:32MiB:64/8", "all_reduce:1GiB:64/1@4:groups=4:count=12:gap=2ms": operation, payload, ranks, how
/// many of them share a node, the GPU of a node that the first one has (0), equal groups side by side on a node (1),
/// operations one after the other (1), what passes before each (0). A chain of one phase, a round per operation; what
/// that takes alone is left out. Throws InputError, also for an operation that does not split evenly.
simulate::Chain parse_phase(const std::string& text);

}  // namespace hockney::commands
