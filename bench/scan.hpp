#pragma once

#include <cstdint>
#include <string>

#include "base/error.hpp"
#include "machine.hpp"
#include "options.hpp"

namespace hockney::bench {

/// Looks for slow nodes, NICs, paths and rails: nodes exchange in the pairs of a random tournament, all at once and on
/// all rails; what looks slow is measured again, alone with nodes that look good, three times spread over
/// options.scan_spread, once one way and the other, and once more beside others. Keeps every sample, and prints what is
/// slow. Three nodes or fewer: every two meet three times. Collective. Returns ExitCode::success whatever is slow,
/// ExitCode::failure where a result was wrong, ExitCode::stopped after a signal. Throws mpi::AgreedError where the plan
/// has no groups of one rank per node here.
ExitCode run_scan(Machine& machine, const Options& options, const std::string& command_line, std::uint64_t seed);

}  // namespace hockney::bench
