// All-to-all with uneven blocks: every rank deals its elements out as the routing says (routed_elements()), as tokens
// go to experts, and gets what the others dealt to it.
//
// The payload is everything one rank sends; what it receives depends on the routing, and every rank's output buffer is
// as large as the fullest. The block from rank s on rank d must be what rank s dealt to rank d: its data from the first
// element that the ranks before d did not get.
#include <numeric>
#include <span>

#include "experiments/collective_trial.hpp"
#include "experiments/moved_data.hpp"

namespace hockney::bench::experiments {

std::unique_ptr<transport::Trial> make_all_to_all_v(transport::Verbs& verbs, const Case& point) {
  const std::uint32_t ranks = verbs.ranks();
  const Bytes width = size_of(point.element);
  const std::uint64_t elements = point.payload.count / width.count;
  const auto routed = routed_elements(point.routing, elements, ranks);
  Collective collective;
  collective.send = point.payload;
  collective.receive = width * fullest_ranks(point.routing, elements, ranks).received;
  for (std::uint32_t sender = 0; sender < ranks; ++sender) {
    const auto dealt = std::span(routed).subspan(std::size_t{sender} * ranks, ranks);
    const std::uint64_t mine = dealt[verbs.rank()];
    const std::uint64_t before = std::accumulate(dealt.begin(), dealt.begin() + verbs.rank(), std::uint64_t{0});
    collective.received.push_back(mine);
    if (sender == verbs.rank()) {
      collective.sent.assign(dealt.begin(), dealt.end());
    }
    if (mine != 0) {
      collective.answer.push_back({width * mine, moved_data(verbs, point.element, sender, before)});
    }
  }
  return make_collective_trial(verbs, point, std::move(collective));
}

}  // namespace hockney::bench::experiments
