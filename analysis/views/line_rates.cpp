#include "views/line_rates.hpp"

#include <fmt/format.h>

#include "record/stated_ports.hpp"

namespace hockney::views {
namespace {

void use_ports(platform::Platform& platform, const InterNodePorts& ports, std::uint32_t ranks_per_node) {
  platform.outer_fabric = ports.fabric;
  platform.nics_per_node = ports.count;
  platform.nic_rate = ports.rate;
  platform.gpus_per_node = platform.gpus_per_node == 0 ? ranks_per_node : platform.gpus_per_node;
}

}  // namespace

LineRates::LineRates(const std::vector<Launch>& launches, const Catalogue& catalogue) {
  for (const Launch& launch : launches) {
    const std::string& machine = launch.info.machine;
    if (machines_.contains(machine)) {
      continue;
    }
    const auto platform = catalogue(machine);
    const auto ports = stated_ports(launch.provenance);
    if (!platform && !ports) {
      continue;
    }
    Known& known = machines_[machine];
    known.platform = platform.value_or(platform::Platform{});
    known.told = platform ? platform->title : "";
    if (ports) {
      use_ports(known.platform, *ports, ranks_per_node(launch.placements));
      known.told += fmt::format("{}between nodes the ports that the launch saw, {} x {} ({})", platform ? "; " : "",
                                ports->count, to_string(ports->rate), name_of(ports->fabric));
    }
  }
}

std::optional<BytesPerSecond> LineRates::of(const std::string& machine, const Case& point) const {
  const auto known = machines_.find(machine);
  return known == machines_.end() ? std::nullopt : known->second.platform.line_rate(point);
}

std::vector<std::string> LineRates::sources() const {
  std::vector<std::string> lines;
  for (const auto& [machine, known] : machines_) {
    lines.push_back(fmt::format("line rate of {}: {}", machine, known.told));
  }
  return lines;
}

}  // namespace hockney::views
