#include "topology/placement.hpp"

#include <algorithm>
#include <map>

namespace hockney {
namespace {

std::map<std::string, std::uint32_t> ranks_by_host(const std::vector<Placement>& placements) {
  std::map<std::string, std::uint32_t> ranks;
  for (const Placement& placement : placements) {
    ++ranks[placement.host];
  }
  return ranks;
}

}  // namespace

std::uint32_t ranks_per_node(const std::vector<Placement>& placements) {
  std::uint32_t most = 1;
  for (const auto& [host, ranks] : ranks_by_host(placements)) {
    most = std::max(most, ranks);
  }
  return most;
}

std::uint32_t count_nodes(const std::vector<Placement>& placements) {
  return static_cast<std::uint32_t>(ranks_by_host(placements).size());
}

bool is_oversubscribed(const std::vector<Placement>& placements) {
  const auto ranks = ranks_by_host(placements);
  return std::any_of(placements.begin(), placements.end(), [&](const Placement& placement) {
    return ranks.at(placement.host) > static_cast<std::uint32_t>(placement.host_cpus);
  });
}

}  // namespace hockney
