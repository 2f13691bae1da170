#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace hockney::import {

/// What a command line of mpirun, mpiexec or srun says about who takes part.
struct LauncherCommand {
  std::optional<std::uint32_t> ranks;           ///< -n, -np, --ntasks
  std::optional<std::uint32_t> nodes;           ///< srun -N, --nodes
  std::optional<std::uint32_t> ranks_per_node;  ///< -ppn, -npernode, --ntasks-per-node, mpirun -N
};

/// Reads the launcher's own options, up to the word that holds `program` ("osu_"). Nothing when the line has no
/// launcher before such a word, or several parts with counts of their own (':').
std::optional<LauncherCommand> read_launcher_command(std::string_view line, std::string_view program);

}  // namespace hockney::import
