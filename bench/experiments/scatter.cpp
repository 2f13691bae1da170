// Scatter: rank 0 has one block for every rank, and every rank gets its own.
//
// The payload is rank 0's buffer; a block is payload / ranks. Rank r must get elements r * block .. (r + 1) * block of
// the data of rank 0. In place, a rank's block comes to lie where it is in rank 0's buffer.
#include "experiments/collective_trial.hpp"
#include "experiments/moved_data.hpp"

namespace hockney::bench::experiments {

std::unique_ptr<transport::Trial> make_scatter(transport::Verbs& verbs, const Case& point) {
  const Element element = point.element;
  const std::uint64_t block = point.payload.count / point.group.ranks / size_of(element).count;
  return make_collective_trial(
      verbs, point,
      {.run = [=](transport::Verbs& v, transport::Verbs::ConstBuffer send,
                  transport::Verbs::Buffer receive) { v.scatter(send, receive, element); },
       .run_in_place = [=](transport::Verbs& v,
                           transport::Verbs::Buffer buffer) { return v.scatter_in_place(buffer, element); },
       .input_in_place = &whole_buffer_on_root,
       .count_wrong =
           [=](transport::Verbs& v, transport::Verbs::ConstBuffer result) {
             return v.count_wrong(result, moved_data(v, element, 0, v.rank() * block));
           }});
}

}  // namespace hockney::bench::experiments
