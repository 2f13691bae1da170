#include "commands/plan/search_flags.hpp"

#include <CLI/CLI.hpp>
#include <array>
#include <fmt/format.h>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "base/number.hpp"
#include "commands/finite_range.hpp"
#include "commands/flag_value.hpp"
#include "commands/plan/sweep_sizes.hpp"

namespace hockney::commands {
namespace {

// Vendors' GB of a GPU's memory: 80GB is taken as 80e9 B, which is on the safe side.
double parse_memory(const std::string& text) {
  const auto [value, unit] = split_number(text, "memory such as 80GB or 80GiB");
  for (const auto& [name, bytes] :
       {std::pair{"GB", 1e9}, std::pair{"TB", 1e12}, std::pair{"GiB", 0x1p30}, std::pair{"TiB", 0x1p40}}) {
    if (unit == name && value > 0) {
      return value * bytes;
    }
  }
  throw InputError("expected memory such as 80GB or 80GiB");
}

double memory_of(const std::string& memory, const predict::Gpu& gpu) {
  return memory.empty() ? static_cast<double>(gpu.memory.count) : flag_value("--memory", memory, parse_memory);
}

void set_sweeps(predict::SearchSpace& space, const std::vector<std::string>& sweeps) {
  for (const std::string& sweep : sweeps) {
    const auto parse = [&](const std::string& text) {
      if (!text.starts_with("tp=") && !text.starts_with("pp=")) {
        throw InputError("expected tp=... or pp=...");
      }
      return parse_sweep_sizes(std::string_view(text).substr(3));
    };
    std::vector<std::uint64_t>& sizes = sweep.starts_with("tp") ? space.tensor : space.pipeline;
    if (!sizes.empty()) {
      throw InputError(fmt::format("--sweep {}: {} was swept before", sweep, sweep.substr(0, 2)));
    }
    sizes = flag_value("--sweep", sweep, parse);
  }
}

/// A flag that turns something on in all mappings.
struct Switch {
  std::string_view flag;
  bool Mapping::*on;
  std::string_view help;
};

constexpr std::array<Switch, 4> switches{
    {{"--flash-attention", &Mapping::flash_attention, "fused attention"},
     {"--overlap-gradients", &Mapping::overlap_gradients, "reduce gradients beside the last backward"},
     {"--overlap-transfers", &Mapping::overlap_transfers, "transfers beside computation (interleaved)"},
     {"--overlap-experts", &Mapping::overlap_experts, "all-to-alls of experts beside another micro-batch"}}};

}  // namespace

void SearchFlags::add_to(CLI::App& command) {
  command.add_option("--gpus", gpus, "GPUs in all")->required()->check(whole_range(1));
  command.add_option("--gpus-per-node", gpus_per_node, "GPUs that share a node")
      ->capture_default_str()
      ->check(whole_range(1));
  command.add_option("--gbs", global_batch, "sequences per step")->required()->check(whole_range(1));
  command.add_option("--memory", memory, "of one GPU (80GB, 80GiB); the GPU file's without it");
  command.add_option("--cp", context, "context-parallel size of all mappings")
      ->capture_default_str()
      ->check(whole_range(1));
  command.add_option("--gradient-bytes", gradient_bytes, "bytes of a reduced gradient: 2 or 4; without it the stack's")
      ->check(whole_range(2, 4));
  command.add_option("--sweep", sweeps,
                     "tp=1,2,4 or pp=1..64 (doubling): the best mapping of every pair of sizes, and its overhead");
  for (const Switch& each : switches) {
    command.add_flag(std::string(each.flag), switched_on.*each.on, std::string(each.help));
  }
}

predict::SearchSpace SearchFlags::space(const predict::Gpu& gpu, const UsualRun& usual) const {
  if (gradient_bytes && *gradient_bytes != 2 && *gradient_bytes != 4) {
    throw InputError(fmt::format("--gradient-bytes: {} given, expected 2 or 4", *gradient_bytes));
  }
  predict::SearchSpace chosen;
  chosen.base = usual.run.stack == nullptr ? Mapping{} : usual.mapping;
  chosen.gpus = gpus;
  chosen.memory_bytes = memory_of(memory, gpu);
  chosen.base.global_batch = global_batch;
  chosen.base.gpus_per_node = gpus_per_node;
  chosen.base.context = context;
  chosen.base.gradient_bytes = gradient_bytes.value_or(chosen.base.gradient_bytes);
  for (const Switch& each : switches) {
    chosen.base.*each.on |= switched_on.*each.on;
  }
  chosen.base.scatter_gather = true;
  set_sweeps(chosen, sweeps);
  return chosen;
}

}  // namespace hockney::commands
