// All-to-all: every rank sends a different block to every rank, itself included, and gets one from each.
//
// The payload is everything one rank sends, as in nccl-tests. Block s of the result on rank d must be block d of what
// rank s sent: its data from element d * block on.
#include "experiments/collective_trial.hpp"

namespace hockney::bench::experiments {

std::unique_ptr<transport::Trial> make_all_to_all(transport::Verbs& verbs, const Case& point) {
  const Element element = point.element;
  const std::uint64_t block = point.payload.count / point.group.ranks / size_of(element).count;
  return make_collective_trial(
      verbs, point,
      {.run = [=](transport::Verbs& v, transport::Verbs::ConstBuffer send,
                  transport::Verbs::Buffer receive) { v.all_to_all(send, receive, element); },
       .run_in_place = [=](transport::Verbs& v,
                           transport::Verbs::Buffer buffer) { return v.all_to_all_in_place(buffer, element); },
       .input_in_place = &whole_buffer,
       .count_wrong =
           [=](transport::Verbs& v, transport::Verbs::ConstBuffer result) {
             return count_wrong_blocks(v, result, element, v.rank() * block);
           }});
}

}  // namespace hockney::bench::experiments
