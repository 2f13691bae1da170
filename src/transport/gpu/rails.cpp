#include "transport/gpu/rails.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace hockney::transport::gpu {

Rails::Rails(const std::vector<Placement>& placements, const std::vector<std::string>& addresses)
    : ranks_per_node_(is_uniform(placements) ? ranks_per_node(placements) : 0) {
  for (const int rank : slots_of(placements)) {
    const auto index = static_cast<std::size_t>(rank);
    slots_.push_back({rank, placements.at(index).host, addresses.at(index)});
  }
}

bool Rails::are_mixed_in(const Group& group) const {
  if (ranks_per_node_ == 0 || group.ranks_per_node != 1 || group.stride % ranks_per_node_ != 0) {
    return false;
  }
  for (std::uint32_t copy = 0; copy < group.concurrent; ++copy) {
    const std::vector<std::uint32_t> members = slots_of_copy(group, copy);
    const std::string& expected = slots_.at(members.front()).address;
    if (std::any_of(members.begin(), members.end(),
                    [&](std::uint32_t slot) { return slots_.at(slot).address != expected; })) {
      return true;
    }
  }
  return false;
}

std::string Rails::warning() const {
  for (std::size_t slot = ranks_per_node_; ranks_per_node_ != 0 && slot < slots_.size(); ++slot) {
    const Gpu& expected = slots_[slot % ranks_per_node_];
    const Gpu& gpu = slots_[slot];
    if (gpu.address != expected.address) {
      return fmt::format(
          "rails join ranks whose GPUs have different places: rank {} on {} has the GPU at {}, rank {} on {} the one "
          "at {}; such points are flagged network_path (GPU-ORDER); give all nodes one order (CUDA_VISIBLE_DEVICES)",
          expected.rank, expected.host, expected.address, gpu.rank, gpu.host, gpu.address);
    }
  }
  return {};
}

}  // namespace hockney::transport::gpu
