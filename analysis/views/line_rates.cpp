#include "views/line_rates.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "record/stated_ports.hpp"

namespace hockney::views {
namespace {

std::string text_of(const InterNodePorts& ports) {
  return fmt::format("{} x {} ({})", ports.count, to_string(ports.rate), name_of(ports.fabric));
}

/// What the launches of a machine saw of the ports of their node, each once.
struct Seen {
  std::vector<std::string> told;
  std::optional<InterNodePorts> first;
  std::uint32_t ranks_per_node = 0;

  void add(const InterNodePorts& ports, const Launch& launch) {
    if (!first) {
      first = ports;
      ranks_per_node = hockney::ranks_per_node(launch.placements);
    }
    if (std::find(told.begin(), told.end(), text_of(ports)) == told.end()) {
      told.push_back(text_of(ports));
    }
  }
};

void use_ports(platform::Platform& platform, const Seen& seen) {
  platform.outer_fabric = seen.first->fabric;
  platform.nics_per_node = seen.first->count;
  platform.nic_rate = seen.first->rate;
  platform.gpus_per_node = platform.gpus_per_node == 0 ? seen.ranks_per_node : platform.gpus_per_node;
}

}  // namespace

LineRates::LineRates(const std::vector<Launch>& launches, const Catalogue& catalogue) {
  std::map<std::string, Seen> machines;
  for (const Launch& launch : launches) {
    Seen& seen = machines[launch.info.machine];
    if (const auto ports = stated_ports(launch.provenance)) {
      seen.add(*ports, launch);
    }
  }
  for (const auto& [machine, seen] : machines) {
    const auto platform = catalogue(machine);
    if (!platform && !seen.first) {
      continue;
    }
    Known& known = machines_[machine];
    known.platform = platform.value_or(platform::Platform{});
    known.told = platform ? platform->title : "";
    if (seen.first) {
      use_ports(known.platform, seen);
      known.told += fmt::format("{}between nodes the ports that the {} saw, {}", platform ? "; " : "",
                                seen.told.size() > 1 ? "first launch" : "launch", seen.told.front());
    }
    if (seen.told.size() > 1) {
      known.told += fmt::format("; LAUNCHES DIFFER, others saw {}: their shares are not of their own ports",
                                fmt::join(seen.told.begin() + 1, seen.told.end(), ", "));
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
