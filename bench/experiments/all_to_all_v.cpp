// All-to-all with uneven blocks: every rank deals its elements out as the routing says (routed_elements()), as tokens
// go to experts, and gets what the others dealt to it.
//
// The payload is everything one rank sends; what it receives depends on the routing, and every rank's output buffer is
// as large as the fullest. The block from rank s on rank d must be what rank s dealt to rank d: its data from the first
// element that the ranks before d did not get.
#include <vector>

#include "experiments/collective_trial.hpp"
#include "experiments/moved_data.hpp"

namespace hockney::bench::experiments {
namespace {

/// What one rank sends to and receives from every other, in elements.
struct Routes {
  std::vector<std::uint64_t> sent;
  std::vector<std::uint64_t> received;
  std::vector<std::uint64_t> first;  ///< index of a received block's first element in its sender's data
};

Routes routes_of(const Case& point, std::uint64_t elements, std::uint32_t rank) {
  const std::size_t ranks = point.group.ranks;
  const auto routed = routed_elements(point.routing(), elements, point.group.ranks);
  Routes routes;
  for (std::size_t sender = 0; sender < ranks; ++sender) {
    std::uint64_t first = 0;
    for (std::size_t receiver = 0; receiver < ranks; ++receiver) {
      const std::uint64_t block = routed[sender * ranks + receiver];
      if (receiver == rank) {
        routes.received.push_back(block);
        routes.first.push_back(first);
      }
      if (sender == rank) {
        routes.sent.push_back(block);
      }
      first += block;
    }
  }
  return routes;
}

}  // namespace

std::unique_ptr<transport::Trial> make_all_to_all_v(transport::Verbs& verbs, const Case& point) {
  const Element element = point.element;
  const std::size_t width = size_of(element).count;
  const std::uint64_t elements = point.payload.count / width;
  const Routes routes = routes_of(point, elements, verbs.rank());
  Collective collective;
  collective.receive = size_of(element) * fullest_ranks(point.routing(), elements, point.group.ranks).received;
  collective.run = [=](transport::Verbs& v, transport::Verbs::ConstBuffer send, transport::Verbs::Buffer receive) {
    v.all_to_all_v(send, routes.sent, receive, routes.received, element);
  };
  collective.count_wrong = [=](transport::Verbs& v, transport::Verbs::ConstBuffer result) {
    std::uint64_t wrong = 0;
    std::size_t at = 0;
    for (std::uint32_t sender = 0; sender < v.ranks(); ++sender) {
      const std::size_t block = routes.received[sender] * width;
      if (block != 0) {
        wrong += v.count_wrong(result.subspan(at, block), moved_data(v, element, sender, routes.first[sender]));
      }
      at += block;
    }
    return wrong;
  };
  return make_collective_trial(verbs, point, std::move(collective));
}

}  // namespace hockney::bench::experiments
