#include "vocabulary/members.hpp"

namespace hockney::inline vocabulary {

std::vector<int> ranks_of(const Group& group, const std::vector<int>& slots) {
  std::vector<int> ranks;
  for (std::uint32_t copy = 0; copy < group.concurrent; ++copy) {
    for (const std::uint32_t slot : slots_of_copy(group, copy)) {
      ranks.push_back(slots.at(slot));
    }
  }
  return ranks;
}

}  // namespace hockney::inline vocabulary
