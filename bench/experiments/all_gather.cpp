// All-gather: every rank contributes one block and gets the blocks of all ranks in rank order.
//
// The payload is the gathered buffer, as in nccl-tests; a block is payload / ranks. Block r of the result must be the
// data of rank r, on every rank. In place, a rank's block already lies where it belongs.
#include "experiments/collective_trial.hpp"

namespace hockney::bench::experiments {

std::unique_ptr<transport::Trial> make_all_gather(transport::Verbs& verbs, const Case& point) {
  const Element element = point.element;
  return make_collective_trial(
      verbs, point,
      {.run = [=](transport::Verbs& v, transport::Verbs::ConstBuffer send,
                  transport::Verbs::Buffer receive) { v.all_gather(send, receive, element); },
       .run_in_place = [=](transport::Verbs& v,
                           transport::Verbs::Buffer buffer) { return v.all_gather_in_place(buffer, element); },
       .input_in_place = &own_block,
       .count_wrong = [=](transport::Verbs& v,
                          transport::Verbs::ConstBuffer result) { return count_wrong_blocks(v, result, element); }});
}

}  // namespace hockney::bench::experiments
