// Broadcast: rank 0 has a buffer of the payload's size, and every rank gets it.
//
// The result must be the data of rank 0 on every rank, rank 0's own copy included.
#include "experiments/collective_trial.hpp"
#include "experiments/moved_data.hpp"

namespace hockney::bench::experiments {

std::unique_ptr<transport::Trial> make_broadcast(transport::Verbs& verbs, const Case& point) {
  const Element element = point.element;
  return make_collective_trial(
      verbs, point,
      {.run = [=](transport::Verbs& v, transport::Verbs::ConstBuffer send,
                  transport::Verbs::Buffer receive) { v.broadcast(send, receive, element); },
       .run_in_place = [=](transport::Verbs& v,
                           transport::Verbs::Buffer buffer) { return v.broadcast_in_place(buffer, element); },
       .input_in_place = &whole_buffer_on_root,
       .count_wrong =
           [=](transport::Verbs& v, transport::Verbs::ConstBuffer result) {
             return v.count_wrong(result, moved_data(v, element, 0));
           }});
}

}  // namespace hockney::bench::experiments
