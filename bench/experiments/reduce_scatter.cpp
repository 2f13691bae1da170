// Reduce-scatter: every rank contributes a buffer of one block per rank and gets its own block of the reduction.
//
// The payload is the input buffer, as in nccl-tests. Rank r must get elements r * block .. (r + 1) * block of what the
// summands of all ranks give.
#include "experiments/collective_trial.hpp"

namespace hockney::bench::experiments {

std::unique_ptr<transport::Trial> make_reduce_scatter(transport::Verbs& verbs, const Case& point) {
  const transport::Arithmetic arithmetic{point.element, point.reduction()};
  const std::uint64_t block = point.payload.count / point.group.ranks / size_of(point.element).count;
  return make_collective_trial(
      verbs, point,
      {.run = [=](transport::Verbs& v, transport::Verbs::ConstBuffer send,
                  transport::Verbs::Buffer receive) { v.reduce_scatter(send, receive, arithmetic); },
       .run_in_place = [=](transport::Verbs& v,
                           transport::Verbs::Buffer buffer) { return v.reduce_scatter_in_place(buffer, arithmetic); },
       .input_in_place = &whole_buffer,
       .count_wrong =
           [=](transport::Verbs& v, transport::Verbs::ConstBuffer result) {
             return v.count_wrong(result, pattern::Pattern::reduced(arithmetic.element, arithmetic.reduction, v.ranks(),
                                                                    v.rank() * block));
           }});
}

}  // namespace hockney::bench::experiments
