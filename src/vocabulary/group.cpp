#include "vocabulary/group.hpp"

#include <fmt/format.h>

namespace hockney::inline vocabulary {

std::vector<std::uint32_t> slots_of_copy(const Group& group, std::uint32_t copy) {
  const std::uint32_t begin = group.first + copy / group.stride * group.ranks * group.stride + copy % group.stride;
  std::vector<std::uint32_t> slots(group.ranks);
  for (std::uint32_t member = 0; member < group.ranks; ++member) {
    slots[member] = begin + member * group.stride;
  }
  return slots;
}

std::string to_string(const Group& group) {
  std::string text = group.is_placed() ? fmt::format("{} ranks ({} per node)", group.ranks, group.ranks_per_node)
                                       : fmt::format("{} ranks, placement unknown", group.ranks);
  if (group.stride != 1) {
    text += fmt::format(", stride {}", group.stride);
  }
  if (group.first != 0) {
    text += fmt::format(", from slot {}", group.first);
  }
  if (group.concurrent != 1) {
    text += fmt::format(", {} at once", group.concurrent);
  }
  return text;
}

std::string to_string(const Group& group, std::uint32_t nodes) {
  return group.is_placed() ? fmt::format("{} on {} node{}", to_string(group), nodes, nodes == 1 ? "" : "s")
                           : to_string(group);
}

}  // namespace hockney::inline vocabulary
