// Reduce: every rank contributes a buffer of the payload's size, and rank 0 gets the reduction over ranks.
//
// Only rank 0 has a result: every element must be what the summands of all ranks give, bit for bit.
#include "experiments/collective_trial.hpp"

namespace hockney::bench::experiments {

std::unique_ptr<transport::Trial> make_reduce(transport::Verbs& verbs, const Case& point) {
  const transport::Arithmetic arithmetic{point.element, point.reduction()};
  return make_collective_trial(
      verbs, point,
      {.run = [=](transport::Verbs& v, transport::Verbs::ConstBuffer send,
                  transport::Verbs::Buffer receive) { v.reduce(send, receive, arithmetic); },
       .run_in_place = [=](transport::Verbs& v,
                           transport::Verbs::Buffer buffer) { return v.reduce_in_place(buffer, arithmetic); },
       .input_in_place = &whole_buffer,
       .count_wrong = [=](transport::Verbs& v, transport::Verbs::ConstBuffer result) -> std::uint64_t {
         if (v.rank() != 0) {
           return 0;
         }
         return v.count_wrong(result, pattern::Pattern::reduced(arithmetic.element, arithmetic.reduction, v.ranks()));
       }});
}

}  // namespace hockney::bench::experiments
