// Gather: every rank contributes one block, and rank 0 gets the blocks of all ranks in rank order.
//
// The payload is the gathered buffer; a block is payload / ranks. Only rank 0 has a result: block r must be the data of
// rank r. In place, a rank's block already lies where it belongs.
#include "experiments/collective_trial.hpp"

namespace hockney::bench::experiments {

std::unique_ptr<transport::Trial> make_gather(transport::Verbs& verbs, const Case& point) {
  const Element element = point.element;
  return make_collective_trial(
      verbs, point,
      {.run = [=](transport::Verbs& v, transport::Verbs::ConstBuffer send,
                  transport::Verbs::Buffer receive) { v.gather(send, receive, element); },
       .run_in_place = [=](transport::Verbs& v,
                           transport::Verbs::Buffer buffer) { return v.gather_in_place(buffer, element); },
       .input_in_place = &own_block,
       .count_wrong = [=](transport::Verbs& v, transport::Verbs::ConstBuffer result) -> std::uint64_t {
         return v.rank() == 0 ? count_wrong_blocks(v, result, element) : 0;
       }});
}

}  // namespace hockney::bench::experiments
