#include "vocabulary/placement.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace hockney::inline vocabulary {
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

bool is_uniform(const std::vector<Placement>& placements) {
  const auto ranks = ranks_by_host(placements);
  return std::all_of(ranks.begin(), ranks.end(),
                     [&](const auto& host) { return host.second == ranks.begin()->second; });
}

std::vector<int> slots_of(const std::vector<Placement>& placements) {
  std::map<std::string, int> lowest;
  for (const Placement& placement : placements) {
    const auto [host, is_new] = lowest.try_emplace(placement.host, placement.rank);
    host->second = std::min(host->second, placement.rank);
  }
  std::vector<Placement> ordered = placements;
  std::sort(ordered.begin(), ordered.end(), [&](const Placement& a, const Placement& b) {
    return std::tuple(lowest[a.host], a.local_rank, a.rank) < std::tuple(lowest[b.host], b.local_rank, b.rank);
  });
  std::vector<int> slots(ordered.size());
  std::transform(ordered.begin(), ordered.end(), slots.begin(), [](const Placement& p) { return p.rank; });
  return slots;
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

}  // namespace hockney::inline vocabulary
