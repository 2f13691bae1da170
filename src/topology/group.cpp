#include "topology/group.hpp"

#include <fmt/format.h>

namespace hockney {

std::string to_string(const Group& group) {
  std::string text = fmt::format("{} ranks ({} per node)", group.ranks, group.ranks_per_node);
  if (group.stride != 1) {
    text += fmt::format(", stride {}", group.stride);
  }
  if (group.concurrent != 1) {
    text += fmt::format(", {} at once", group.concurrent);
  }
  return text;
}

}  // namespace hockney
