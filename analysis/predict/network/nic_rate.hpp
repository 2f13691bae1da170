#pragma once

#include <limits>
#include <optional>
#include <vector>

#include "base/seconds.hpp"
#include "predict/compute/constants.hpp"
#include "predict/network/answer.hpp"
#include "predict/network/line_rate.hpp"
#include "predict/network/mesh.hpp"
#include "workload/messages.hpp"

namespace hockney::predict {

/// What the nodes' network cards bring, where that is stated rather than measured.
struct NicRate {
  double bytes_per_s_per_gpu = 0;  ///< one direction: the node's NICs divided by its GPUs, all of them sending at once
  Seconds latency{5e-6};
  double gpus_per_node = 8;
};

/// What a network answers from beside the cost model, and what it leaves out.
struct NetworkOptions {
  std::optional<NicRate> nic{};        ///< stated for this network: answers between nodes whatever the cost model holds
  std::optional<NicRate> line_rate{};  ///< answers between nodes where curves are missing
  bool strict = false;                 ///< neither related operations nor other fabrics answer
  std::vector<Addition> without{};     ///< additions that are left out
  double ring_limit_bytes_per_s = std::numeric_limits<double>::infinity();  ///< per GPU; Gpu::ring_limit_bytes_per_s
  std::optional<Mesh> mesh{};  ///< the curves inside a node are of a switch; what they say is to be that of a mesh

  /// What a ring over nodes reaches per GPU, B/s, where it would reach `free_rate` but for its limit
  /// (Addition::ring_limit). The limit is that of a ring of one GPU per node beside others that use the rest of its
  /// NICs; a ring of `whole` ranks per node has none, because the free rate is that of such a ring; between the two it
  /// is taken as a power of the ranks per node.
  double ring_rate(double free_rate, double ranks_per_node, double whole) const;

  bool adds(Addition what) const;
};

/// What a stated rate says of a message between nodes: LineRate's time with
///   transfers, all_to_all  the whole rate
///   others                 ring_share of it (Addition::ring_share), and at most NetworkOptions::ring_rate()
///                          (Addition::ring_limit)
/// `by` is left to the caller.
Answer answer_by_rate(const NicRate& nic, const Message& message, const StepConstants& constants,
                      const NetworkOptions& options);

}  // namespace hockney::predict
