// All-gather: every rank contributes one block and gets the blocks of all ranks in rank order.
//
// The payload is the gathered buffer, as in nccl-tests; a block is payload / ranks. One sample is one call between two
// clock readings. Block r of the result must be the pattern of rank r, on every rank. In place, a rank's block already
// lies where it belongs.
#include "experiments/collective_trial.hpp"

namespace hockney {

std::unique_ptr<Trial> make_all_gather(Verbs& verbs, const Case& point) {
  const Element element = point.element;
  return make_collective_trial(
      verbs, point,
      {.run = &Verbs::all_gather,
       .run_in_place = &Verbs::all_gather_in_place,
       .fill_input = [element](Verbs& v, Verbs::Buffer input) { v.fill(input, element, Pattern::of_rank(v.rank())); },
       .input_in_place =
           [](Verbs& v, Verbs::Buffer buffer) {
             const std::size_t block = buffer.size() / v.ranks();
             return buffer.subspan(v.rank() * block, block);
           },
       .count_wrong =
           [element](Verbs& v, Verbs::ConstBuffer result) {
             const std::size_t block = result.size() / v.ranks();
             std::uint64_t wrong = 0;
             for (std::uint32_t rank = 0; rank < v.ranks(); ++rank) {
               wrong += v.count_wrong(result.subspan(rank * block, block), element, Pattern::of_rank(rank));
             }
             return wrong;
           }});
}

}  // namespace hockney
