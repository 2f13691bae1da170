// The collectives of equal blocks. They differ in which rank puts what in and gets what out, which operation.hpp tells;
// payloads are those of nccl-tests. Every element of a result is checked, bit for bit:
//   all_reduce, reduce         what the summands of all ranks give
//   reduce_scatter             the same, of this rank's block
//   broadcast                  the data of rank 0
//   scatter                    this rank's block of them
//   all_gather, gather         block r is the data of rank r
//   all_to_all                 block r is this rank's block of the data of rank r
#include "experiments/collective_trial.hpp"
#include "experiments/moved_data.hpp"

namespace hockney::bench::experiments {
namespace {

// Index of the first element that this rank has of data that lie whole in a buffer, or are cut into blocks.
std::uint64_t first_index(const transport::Verbs& verbs, const Case& point, Bytes part) {
  return part == point.payload ? 0 : verbs.rank() * (part.count / size_of(point.element).count);
}

std::vector<Expected> block_of_every_rank(const transport::Verbs& verbs, const Case& point, Bytes send) {
  const Bytes block = point.payload / verbs.ranks();
  const std::uint64_t first = send == block ? 0 : first_index(verbs, point, block);
  std::vector<Expected> blocks;
  for (std::uint32_t rank = 0; rank < verbs.ranks(); ++rank) {
    blocks.push_back({block, moved_data(verbs, point.element, rank, first)});
  }
  return blocks;
}

std::vector<Expected> answer_of(const transport::Verbs& verbs, const Case& point, Bytes send, Bytes receive) {
  if (only_root_receives(point.operation) && verbs.rank() != 0) {
    return {};
  }
  const std::uint64_t first = first_index(verbs, point, receive);
  if (is_reduction(point.operation)) {
    return {{receive, pattern::Pattern::reduced(point.element, point.reduction, verbs.ranks(), first)}};
  }
  if (only_root_sends(point.operation)) {
    return {{receive, moved_data(verbs, point.element, 0, first)}};
  }
  return block_of_every_rank(verbs, point, send);
}

}  // namespace

std::unique_ptr<transport::Trial> make_collective(transport::Verbs& verbs, const Case& point) {
  Collective collective;
  collective.send = send_bytes(point.operation, point.payload, verbs.ranks());
  collective.receive = receive_bytes(point.operation, point.payload, verbs.ranks());
  collective.answer = answer_of(verbs, point, collective.send, collective.receive);
  return make_collective_trial(verbs, point, std::move(collective));
}

}  // namespace hockney::bench::experiments
