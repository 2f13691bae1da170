#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "laid_out_plan.hpp"
#include "launch_files.hpp"
#include "measure/visit_choice.hpp"
#include "options.hpp"
#include "recorder.hpp"
#include "schedule.hpp"
#include "store/launch_reader.hpp"
#include "visit_runner.hpp"

namespace hockney::bench {

/// The launches of a folder, for choice_within(); empty where there is none. A file that cannot be read is told in a
/// line on stderr and left alone. To be called before this launch's own files are open.
std::vector<store::LaunchOutline> outlines_in(const std::filesystem::path& folder);

/// The choice of visits for a launch, on rank 0. `schedule`: of one pass, in whose order the coarse grid is measured.
/// Of `outlines` those count as earlier launches that are finished and of the same machine and software as `launch`:
/// their medians, and the sizes that they added, which are points of this launch too;
/// what one of `files` holds already counts as visits of this launch.
measure::VisitChoice choice_within(const Budget& budget, const LaidOutPlan& plan, const Schedule& schedule,
                                   const std::vector<store::LaunchOutline>& outlines, const LaunchFiles& files,
                                   const LaunchFiles::Common& launch);

/// What a budget does to a plan, a line, before anything is measured: "budget 20m00s: the coarse grid of 24 points
/// first; then ...".
std::string describe(const Budget& budget, const LaidOutPlan& plan);

/// Measures within a budget: rank 0 chooses each visit (`choice`, which is there on rank 0 only) by what those before
/// it said, and tells the others. What is left out becomes a row of the file, with its reason. Returns what happened
/// and what stayed less certain than asked for, lines; empty after a request to stop. Collective.
std::string run_within(const Budget& budget, const mpi::Communicator& world, const Sampling& sampling,
                       const Schedule& schedule, std::optional<measure::VisitChoice>& choice, VisitRunner& runner,
                       Recorder& recorder);

}  // namespace hockney::bench
