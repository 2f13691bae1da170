#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vocabulary/placement.hpp"

namespace hockney::scan {

/// Hosts and GPUs of a launch by number of node and rail.
class NodeNames {
 public:
  /// Nodes in the order of slots_of(), as many ranks on each as on the first.
  explicit NodeNames(const std::vector<Placement>& placements);

  std::uint32_t rails() const { return rails_; }
  /// "node 3" where no rank of it is known.
  std::string host(std::uint32_t node) const;
  /// UUID; empty for host memory, and where it is not known.
  std::string gpu(std::uint32_t node, std::uint32_t rail) const;

 private:
  std::uint32_t rails_;
  std::vector<Placement> by_slot_;
};

}  // namespace hockney::scan
