#pragma once

#include <string>

#include "laid_out_plan.hpp"
#include "options.hpp"

namespace hockney::bench {

/// What a plan would measure: a row per point with its memory per rank, the skipped ones with their reasons, how
/// many have each reason, and at the end the number of visits, the largest memory per rank, and the time that the plan
/// takes. Nothing has been measured, so the time follows from the plan's own: each visit takes at least its warm-up,
/// and up to its caps on warm-up and sampling. Points whose single sample takes a sixth of max_seconds or more may
/// overrun the caps. With a budget also what that does.
std::string describe_dry_run(const LaidOutPlan& laid_out, const transport::Transport& transport, const Budget& budget);

}  // namespace hockney::bench
