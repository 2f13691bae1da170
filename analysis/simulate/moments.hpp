#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "simulate/contention.hpp"
#include "workload/mapping.hpp"

namespace hockney::simulate {

inline constexpr std::string_view by_itself = "by itself";

/// Chains of a training step that run at the same time.
struct Moment {
  std::string_view name;
  std::vector<Chain> chains;
  double per_step = 1;  ///< how often it comes
};

/// What a step does beside its messages, as its mapping and its model say.
struct StepShape {
  Mapping mapping;
  std::size_t layers = 1;           ///< of a stage
  double forward_s = 0;             ///< computation of a micro-batch in one layer
  double backward_s = 0;            ///< recomputation included
  Bytes gradient_bucket{1};         ///< of gradients that are reduced beside the last backward pass
  std::span<const Chain> others{};  ///< of other jobs on the same nodes, which go on all the time
};

/// When the messages of a step use the network. Each operation is in one moment:
///   last backward pass  where gradients are reduced beside it (Overlap::last_backward): the operations of one
///                       micro-batch's backward pass, layer by layer with their computation, beside each of these
///                       reductions, of which a bucket goes as soon as the pass has computed it
///   chunk               where transfers run beside the computation of chunks (Overlap::chunk): a micro-batch forward
///                       and backward through one of v chunks, beside the transfers that belong to it
///   by itself           all others
/// Computation and messages of one rank's pass follow each other: what of them overlaps is left to the step model.
std::vector<Moment> moments_of(std::span<const Phase> messages, const StepShape& shape);

}  // namespace hockney::simulate
