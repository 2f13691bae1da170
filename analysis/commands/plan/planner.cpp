#include "commands/plan/planner.hpp"

#include <fmt/format.h>
#include <utility>

#include "base/error.hpp"
#include "base/number.hpp"
#include "base/shipped.hpp"
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

double memory_of(const PlanOptions& options, const predict::Gpu& gpu) {
  return options.memory.empty() ? static_cast<double>(gpu.memory.count)
                                : flag_value("--memory", options.memory, parse_memory);
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

predict::SearchSpace space_of(const PlanOptions& options, const predict::Gpu& gpu) {
  for (const auto& [flag, value] :
       {std::pair{"--gpus", options.gpus}, std::pair{"--gpus-per-node", options.gpus_per_node},
        std::pair{"--gbs", options.global_batch}, std::pair{"--cp", options.context},
        std::pair{"--best", options.best}}) {
    constexpr std::int64_t most = 1LL << 24;
    if (value < 1 || value > most) {
      throw InputError(fmt::format("{}: {} given, expected 1 to {}", flag, value, most));
    }
  }
  if (options.gradient_bytes != 2 && options.gradient_bytes != 4) {
    throw InputError(fmt::format("--gradient-bytes: {} given, expected 2 or 4", options.gradient_bytes));
  }
  predict::SearchSpace space;
  space.gpus = static_cast<std::uint64_t>(options.gpus);
  space.memory_bytes = memory_of(options, gpu);
  space.base.global_batch = static_cast<std::uint64_t>(options.global_batch);
  space.base.gpus_per_node = static_cast<std::uint64_t>(options.gpus_per_node);
  space.base.context = static_cast<std::uint64_t>(options.context);
  space.base.gradient_bytes = static_cast<std::uint64_t>(options.gradient_bytes);
  space.base.flash_attention = options.flash_attention;
  space.base.overlap_gradients = options.overlap_gradients;
  space.base.overlap_transfers = options.overlap_transfers;
  space.base.scatter_gather = true;
  set_sweeps(space, options.sweeps);
  return space;
}

predict::SearchResult search_one(Planner& planner, std::uint64_t tensor, std::uint64_t pipeline) {
  predict::SearchSpace space = planner.space;
  space.tensor = {tensor};
  space.pipeline = {pipeline};
  return predict::search_mappings(planner.step, planner.model, space, planner.network, 1);
}

// Useful is one forward and one backward pass of the slowest stage.
double overhead_of(const predict::StepTime& time) { return 1 - (time.compute_s - time.recompute_s) / time.total_s; }

}  // namespace

Planner::Planner(const PlanOptions& options)
    : model(find_transformer(options.model, shipped_folder() / "models")),
      cost(read_cost(options.step)),
      steps(options.step.gpu, options.step, cost),
      step(steps.model()),
      space(space_of(options, step.gpu())),
      network(steps.networks().of(node_nic_of(options.step), space.base.gpus_per_node)) {}

std::vector<Swept> sweep(Planner& planner) {
  const auto all = [](const std::vector<std::uint64_t>& asked) {
    return asked.empty() ? std::vector<std::uint64_t>{1, 2, 4, 8, 16, 32, 64} : asked;
  };
  std::vector<Swept> swept;
  for (const std::uint64_t tensor : all(planner.space.tensor)) {
    for (const std::uint64_t pipeline : all(planner.space.pipeline)) {
      predict::SearchResult result = search_one(planner, tensor, pipeline);
      Swept& one = swept.emplace_back(Swept{{tensor, pipeline, std::nullopt}, std::nullopt});
      if (!result.best.empty()) {
        one.best = std::move(result.best.front());
        one.point.overhead = overhead_of(one.best->time);
      }
    }
  }
  return swept;
}

}  // namespace hockney::commands
