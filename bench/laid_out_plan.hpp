#pragma once

#include <string>
#include <vector>

#include "mpi/communicator.hpp"
#include "plan/plan.hpp"
#include "transport/transport.hpp"
#include "vocabulary/placement.hpp"

namespace hockney::bench {

/// A plan with the points that can run here.
struct LaidOutPlan {
  std::string text;  ///< the file as rank 0 read it
  Plan plan;
  Plan::Layout layout;  ///< what the transport refuses is among `skipped`
};

/// Reads a plan (a shipped name, or a file) on rank 0 and lays it out on every rank alike. Collective. Throws
/// mpi::AgreedError for a plan that cannot be read, for one of which no point can run here, and where ranks differ in
/// what they can run.
LaidOutPlan lay_out_plan(const std::string& name_or_file, const mpi::Communicator& world,
                         const transport::Transport& transport, const std::vector<Placement>& placements);

/// Throws mpi::AgreedError on every rank when some rank has other cases than rank 0: ranks that see different GPUs or
/// libraries would lay out different points, and wait for each other for ever. Collective.
void require_same_cases(const std::vector<Case>& cases, const mpi::Communicator& world,
                        const std::vector<Placement>& placements);

}  // namespace hockney::bench
