#include "describe_launch.hpp"

namespace hockney::bench {

LaunchFiles::Common describe_launch(const Machine& machine, const LaidOutPlan& plan, const Options& options,
                                    const std::string& command_line, std::uint64_t seed) {
  const World world = machine.transport().world();
  LaunchInfo info;
  info.campaign = options.campaign.empty() ? plan.plan.name : options.campaign;
  info.producer = "hockney-bench " HOCKNEY_VERSION;
  info.machine = machine.name();
  info.argv = command_line;
  info.plan_text = plan.text;
  info.seed = seed;
  info.ranks = world.ranks;
  info.nodes = world.nodes;
  info.started_utc_ns = now_utc_ns();
  const auto folder = options.out.empty() ? std::filesystem::path("campaigns") / plan.plan.name : options.out;
  return {folder, info, machine.facts(), machine.placements(), plan.layout.skipped};
}

}  // namespace hockney::bench
