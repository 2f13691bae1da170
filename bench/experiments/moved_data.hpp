#pragma once

#include "pattern/pattern.hpp"
#include "transport/transport.hpp"

namespace hockney::bench::experiments {

/// The data of a rank of this group that are only moved. Every concurrent group has data of its own, so that a message
/// that ends up in another group shows.
inline pattern::Pattern moved_data(const transport::Verbs& verbs, Element element, std::uint32_t rank,
                                   std::uint64_t first_index = 0) {
  return pattern::Pattern::moved(element, verbs.group() * verbs.ranks() + rank, first_index);
}

}  // namespace hockney::bench::experiments
