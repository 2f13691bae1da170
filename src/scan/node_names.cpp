#include "scan/node_names.hpp"

#include <fmt/format.h>
#include <map>

#include "record/near_nics.hpp"

namespace hockney::scan {

NodeNames::NodeNames(const std::vector<Placement>& placements, const Provenance& facts)
    : rails_(ranks_per_node(placements)) {
  std::map<int, const Placement*> by_rank;
  for (const Placement& placement : placements) {
    by_rank[placement.rank] = &placement;
  }
  for (const int rank : slots_of(placements)) {
    const auto near = facts.find(near_nics_fact(rank));
    slots_.push_back({*by_rank.at(rank), near == facts.end() ? "" : near->second});
  }
}

const NodeNames::Slot* NodeNames::slot(std::uint32_t node, std::uint32_t rail) const {
  const std::size_t number = std::size_t{node} * rails_ + rail;
  return number < slots_.size() ? &slots_[number] : nullptr;
}

std::string NodeNames::host(std::uint32_t node) const {
  const Slot* const first = slot(node, 0);
  return first != nullptr ? first->placement.host : fmt::format("node {}", node);
}

std::string NodeNames::gpu(std::uint32_t node, std::uint32_t rail) const {
  const Slot* const found = slot(node, rail);
  return found != nullptr ? found->placement.gpu : std::string();
}

std::string NodeNames::near_nics(std::uint32_t node, std::uint32_t rail) const {
  const Slot* const found = slot(node, rail);
  return found != nullptr ? found->near_nics : std::string();
}

}  // namespace hockney::scan
