// All-to-all: every rank sends a different block to every rank, itself included, and gets one from each.
//
// The payload is everything one rank sends, as in nccl-tests. One sample is one call between two clock readings. Block
// s of the result on rank d must be block d of what rank s sent: its pattern from element d * block on.
#include "experiments/collective_trial.hpp"

namespace hockney {

std::unique_ptr<Trial> make_all_to_all(Verbs& verbs, const Case& point) {
  const Element element = point.element;
  return make_collective_trial(
      verbs, point,
      {.run = &Verbs::all_to_all,
       .run_in_place = &Verbs::all_to_all_in_place,
       .fill_input = [element](Verbs& v, Verbs::Buffer input) { v.fill(input, element, Pattern::of_rank(v.rank())); },
       .input_in_place = [](Verbs&, Verbs::Buffer buffer) { return buffer; },
       .count_wrong =
           [element](Verbs& v, Verbs::ConstBuffer result) {
             const std::size_t block = result.size() / v.ranks();
             const std::uint64_t first = v.rank() * (block / size_of(element).count);
             std::uint64_t wrong = 0;
             for (std::uint32_t source = 0; source < v.ranks(); ++source) {
               wrong += v.count_wrong(result.subspan(source * block, block), element, Pattern::of_rank(source, first));
             }
             return wrong;
           }});
}

}  // namespace hockney
