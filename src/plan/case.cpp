#include "plan/case.hpp"

#include <fmt/format.h>

namespace hockney {

std::string Case::curve_name() const {
  std::string text = fmt::format("{}/{}/{}/n:{}x{}", name_of(operation), name_of(transport), name_of(fabric),
                                 group.ranks, group.ranks_per_node);
  if (group.stride != 1) {
    text += fmt::format("/stride:{}", group.stride);
  }
  if (group.concurrent != 1) {
    text += fmt::format("/concurrent:{}", group.concurrent);
  }
  text += fmt::format("/{}/{}/{}", name_of(element), name_of(mode), in_place ? "in_place" : "out_of_place");
  if (is_pipeline(operation)) {
    text += fmt::format("/micro_batches:{}", micro_batches);
  }
  for (const auto& [key, pin] : {std::pair{"algorithm", algorithm}, std::pair{"protocol", protocol}}) {
    if (!pin.empty()) {
      text += fmt::format("/{}:{}", key, pin);
    }
  }
  return text;
}

std::string Case::name() const { return fmt::format("{}/payload:{}", curve_name(), compact(payload)); }

}  // namespace hockney
