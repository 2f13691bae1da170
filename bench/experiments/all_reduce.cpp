// All-reduce: every rank contributes a buffer of the payload's size and gets the reduction over ranks.
//
// The input of rank r is the summand of rank r; every element of the result must be what the summands of all ranks
// give, bit for bit, on every rank.
#include "experiments/collective_trial.hpp"

namespace hockney::bench::experiments {

std::unique_ptr<transport::Trial> make_all_reduce(transport::Verbs& verbs, const Case& point) {
  const transport::Arithmetic arithmetic{point.element, point.reduction()};
  return make_collective_trial(
      verbs, point,
      {.run = [=](transport::Verbs& v, transport::Verbs::ConstBuffer send,
                  transport::Verbs::Buffer receive) { v.all_reduce(send, receive, arithmetic); },
       .run_in_place = [=](transport::Verbs& v,
                           transport::Verbs::Buffer buffer) { return v.all_reduce_in_place(buffer, arithmetic); },
       .input_in_place = &whole_buffer,
       .count_wrong =
           [=](transport::Verbs& v, transport::Verbs::ConstBuffer result) {
             return v.count_wrong(result,
                                  pattern::Pattern::reduced(arithmetic.element, arithmetic.reduction, v.ranks()));
           }});
}

}  // namespace hockney::bench::experiments
