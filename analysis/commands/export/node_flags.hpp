#pragma once

#include <cstdint>
#include <optional>

#include "cost/cost_model.hpp"

namespace CLI {
class App;
}

namespace hockney::commands {

/// Nodes, GPUs or NICs that a flag may say.
inline constexpr std::uint32_t most_exported = 1U << 20U;

/// Flags that say what a node of the cluster holds.
struct NodeFlags {
  std::optional<std::uint32_t> gpus;
  std::optional<std::uint32_t> nics;

  void add_to(CLI::App& command);  ///< --ranks-per-node, --nics-per-node

  /// The most of any curve where no flag says so. Throws InputError where no curve does either.
  std::uint32_t gpus_of(const cost::CostModel& model) const;

  /// One per GPU where no flag says so.
  std::uint32_t nics_of(std::uint32_t its_gpus) const { return nics.value_or(its_gpus); }
};

}  // namespace hockney::commands
