#pragma once

#include <string>
#include <vector>

#include "vocabulary/group.hpp"
#include "vocabulary/placement.hpp"

namespace hockney::transport::gpu {

/// Whether rails are rails. A rail takes the rank of equal number on every node and means the GPU at the same place of
/// every node, beside the same adapter. Other orders of GPUs (CUDA_VISIBLE_DEVICES, another BIOS) break that, which the
/// PCI addresses of the GPUs tell. They are compared as they are: nodes that are built differently differ.
class Rails {
 public:
  Rails() = default;
  /// Of every world rank, in order: where it runs, and the address of its GPU ("0000:1B:00.0").
  Rails(const std::vector<Placement>& placements, const std::vector<std::string>& addresses);

  /// Whether some copy of a group with one rank per node joins GPUs of different addresses, although all its ranks have
  /// the same number on their nodes (unlike those of a pair across rails, which is meant to). False where the nodes do
  /// not have equally many ranks: then there are no rails.
  bool are_mixed_in(const Group& group) const;

  /// The first two ranks of one rail whose GPUs have different addresses, with hosts and addresses, as a warning; empty
  /// where there are none.
  std::string warning() const;

 private:
  struct Gpu {
    int rank;
    std::string host;
    std::string address;
  };

  std::uint32_t ranks_per_node_ = 0;  ///< 0: there are no rails
  std::vector<Gpu> slots_;
};

}  // namespace hockney::transport::gpu
