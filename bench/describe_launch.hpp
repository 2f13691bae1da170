#pragma once

#include <cstdint>
#include <string>

#include "laid_out_plan.hpp"
#include "launch_files.hpp"
#include "machine.hpp"
#include "options.hpp"

namespace hockney::bench {

/// What the files of a start have in common: the machine, the plan, the command line; the folder is --out, or
/// campaigns/PLAN.
LaunchFiles::Common describe_launch(const Machine& machine, const LaidOutPlan& plan, const Options& options,
                                    const std::string& command_line, std::uint64_t seed);

}  // namespace hockney::bench
