#include "commands/export/node_flags.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>

#include "base/error.hpp"
#include "commands/finite_range.hpp"

namespace hockney::commands {
namespace {

std::uint32_t usual_gpus(const cost::CostModel& model) {
  std::uint32_t most = 0;
  for (const cost::CostCurve& curve : model.curves) {
    most = std::max(most, curve.shape.group.ranks_per_node);
  }
  if (most == 0) {
    throw InputError("--ranks-per-node: expected one; no curve says how many GPUs a node has");
  }
  return most;
}

}  // namespace

void NodeFlags::add_to(CLI::App& command) {
  const auto add_count = [&](const char* flag, std::optional<std::uint32_t>& value, const char* what) {
    command.add_option(flag, value, what)->check(whole_range(1, most_exported));
  };
  add_count("--ranks-per-node", gpus, "GPUs of a node (default: the most of any curve)");
  add_count("--nics-per-node", nics, "NICs of a node (default: one per GPU)");
}

std::uint32_t NodeFlags::gpus_of(const cost::CostModel& model) const { return gpus ? *gpus : usual_gpus(model); }

}  // namespace hockney::commands
