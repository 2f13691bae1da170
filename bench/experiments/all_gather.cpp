// All-gather: every rank contributes one block and gets the blocks of all ranks in rank order.
//
// The payload is the gathered buffer, as in nccl-tests; a block is payload / ranks. Block r of the result must be the
// data of rank r, on every rank. In place, a rank's block already lies where it belongs.
#include "experiments/collective_trial.hpp"

namespace hockney {

std::unique_ptr<Trial> make_all_gather(Verbs& verbs, const Case& point) {
  const Element element = point.element;
  return make_collective_trial(
      verbs, point,
      {.run = [=](Verbs& v, Verbs::ConstBuffer send, Verbs::Buffer receive) { v.all_gather(send, receive, element); },
       .run_in_place = [=](Verbs& v, Verbs::Buffer buffer) { return v.all_gather_in_place(buffer, element); },
       .input_in_place = &own_block,
       .count_wrong = [=](Verbs& v, Verbs::ConstBuffer result) { return count_wrong_blocks(v, result, element); }});
}

}  // namespace hockney
