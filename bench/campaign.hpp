#pragma once

#include "base/error.hpp"
#include "mpi/communicator.hpp"
#include "options.hpp"

namespace hockney::bench {

/// Measures a plan: lays it out on the world, registers every visit with Google Benchmark in the plan's random order,
/// runs them, and stores each as it finishes. Collective: every rank of `world`, with the same options.
/// Returns ExitCode::failure when some point's result was wrong. Throws mpi::AgreedError for what all ranks know.
ExitCode run_campaign(const mpi::Communicator& world, const Options& options, const std::string& command_line);

}  // namespace hockney::bench
