#pragma once

#include <string>

#include "plan/plan.hpp"

namespace hockney {

/// What a plan would measure: a row per point with its memory per rank, the skipped ones with their reasons, and at
/// the end the number of visits, the largest memory per rank, and bounds of the time that the plan takes. The bounds
/// follow from the plan's caps alone, since nothing has been measured: each visit takes at least its warm-up and at
/// most its caps on warm-up and sampling.
std::string describe_dry_run(const Plan& plan, const Plan::Layout& layout, const World& world);

}  // namespace hockney
