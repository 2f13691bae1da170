// Reduce-scatter: every rank contributes a buffer of one block per rank and gets its own block of the sum over ranks.
//
// The payload is the input buffer, as in nccl-tests. One sample is one call between two clock readings. Rank r must
// get elements r * block .. (r + 1) * block of the sum of all ranks' patterns.
#include "experiments/collective_trial.hpp"

namespace hockney {

std::unique_ptr<Trial> make_reduce_scatter(Verbs& verbs, const Case& point) {
  const Element element = point.element;
  return make_collective_trial(
      verbs, point,
      {.run = &Verbs::reduce_scatter,
       .run_in_place = &Verbs::reduce_scatter_in_place,
       .fill_input = [element](Verbs& v, Verbs::Buffer input) { v.fill(input, element, Pattern::of_rank(v.rank())); },
       .input_in_place = [](Verbs&, Verbs::Buffer buffer) { return buffer; },
       .count_wrong =
           [element](Verbs& v, Verbs::ConstBuffer result) {
             const std::uint64_t elements = result.size() / size_of(element).count;
             return v.count_wrong(result, element, Pattern::sum_over(v.ranks(), v.rank() * elements));
           }});
}

}  // namespace hockney
