#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "commands/predict/step_flags.hpp"
#include "predict/compute/gpu.hpp"
#include "predict/search/mapping_search.hpp"

namespace CLI {
class App;
}

namespace hockney::commands {

/// Flags that say what a search may choose from.
struct SearchFlags {
  std::uint64_t gpus = 0;
  std::uint64_t gpus_per_node = 8;
  std::uint64_t global_batch = 0;
  std::uint64_t context = 1;
  std::optional<std::uint64_t> gradient_bytes;
  std::string memory;
  std::vector<std::string> sweeps;
  Mapping switched_on;  ///< --flash-attention and --overlap-...: what the flags turn on, besides what the stack does

  /// Adds --gpus, --gpus-per-node, --gbs, --memory, --cp, --gradient-bytes, --sweep, --flash-attention,
  /// --overlap-gradients, --overlap-transfers, --overlap-experts.
  void add_to(CLI::App& command);

  /// Of mappings that are as the stack of `usual` lays them out, or without one as Mapping{}, but for the flags. Throws
  /// InputError that names the flag. `gpu` has the memory without --memory.
  predict::SearchSpace space(const predict::Gpu& gpu, const UsualRun& usual) const;
};

}  // namespace hockney::commands
