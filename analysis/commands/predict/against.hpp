#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace hockney::commands {

/// hockney predict --against: replayed steps beside their predictions.
struct AgainstOptions {
  std::vector<std::filesystem::path> campaigns;  ///< launch files or folders that hold step_replay points
  std::string cost_file;                         ///< empty: curves are fitted from the campaigns' other launches
  bool json = false;
};

/// Prints, for every step and launch, measured and predicted communication with 95 % intervals, then median and 95th
/// percentile of |predicted / measured - 1|. Without a cost model a launch's steps are predicted from curves of
/// launches of another start of hockney-bench; where there are none, of the other launch of the same start, and that is
/// said; never of the launch itself. Throws InputError when there is no step, or no curve from another launch.
void run_against(const AgainstOptions& options);

}  // namespace hockney::commands
