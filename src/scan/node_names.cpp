#include "scan/node_names.hpp"

#include <fmt/format.h>
#include <map>

namespace hockney::scan {

NodeNames::NodeNames(const std::vector<Placement>& placements) : rails_(ranks_per_node(placements)) {
  std::map<int, const Placement*> by_rank;
  for (const Placement& placement : placements) {
    by_rank[placement.rank] = &placement;
  }
  for (const int rank : slots_of(placements)) {
    by_slot_.push_back(*by_rank.at(rank));
  }
}

std::string NodeNames::host(std::uint32_t node) const {
  const std::size_t slot = std::size_t{node} * rails_;
  return slot < by_slot_.size() ? by_slot_[slot].host : fmt::format("node {}", node);
}

std::string NodeNames::gpu(std::uint32_t node, std::uint32_t rail) const {
  const std::size_t slot = std::size_t{node} * rails_ + rail;
  return slot < by_slot_.size() ? by_slot_[slot].gpu : std::string();
}

}  // namespace hockney::scan
