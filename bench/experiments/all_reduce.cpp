// All-reduce: every rank contributes a buffer of the payload's size and gets the sum over ranks.
//
// One sample is one call between two clock readings. The input of rank r is the pattern of rank r; the result must be
// the sum of all ranks' patterns in every element, on every rank.
#include "experiments/collective_trial.hpp"

namespace hockney {

std::unique_ptr<Trial> make_all_reduce(Verbs& verbs, const Case& point) {
  const Element element = point.element;
  return make_collective_trial(
      verbs, point,
      {.run = &Verbs::all_reduce,
       .run_in_place = &Verbs::all_reduce_in_place,
       .fill_input = [element](Verbs& v, Verbs::Buffer input) { v.fill(input, element, Pattern::of_rank(v.rank())); },
       .input_in_place = [](Verbs&, Verbs::Buffer buffer) { return buffer; },
       .count_wrong =
           [element](Verbs& v, Verbs::ConstBuffer result) {
             return v.count_wrong(result, element, Pattern::sum_over(v.ranks()));
           }});
}

}  // namespace hockney
