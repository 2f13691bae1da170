#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "record/launch.hpp"

namespace hockney::scan {

/// Hosts, GPUs and what is near them by number of node and rail of a launch.
class NodeNames {
 public:
  /// Nodes in the order of slots_of(), as many ranks on each as on the first.
  explicit NodeNames(const std::vector<Placement>& placements, const Provenance& facts = {});

  std::uint32_t rails() const { return rails_; }
  /// "node 3" where no rank of it is known.
  std::string host(std::uint32_t node) const;
  /// UUID; empty for host memory, and where it is not known.
  std::string gpu(std::uint32_t node, std::uint32_t rail) const;
  /// The adapters that are near that GPU, whether or not its bytes go over them; empty where not known.
  std::string near_nics(std::uint32_t node, std::uint32_t rail) const;

 private:
  struct Slot {
    Placement placement;
    std::string near_nics;
  };
  const Slot* slot(std::uint32_t node, std::uint32_t rail) const;

  std::uint32_t rails_;
  std::vector<Slot> slots_;
};

}  // namespace hockney::scan
