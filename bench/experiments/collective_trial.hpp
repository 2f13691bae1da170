#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "plan/case.hpp"
#include "transport/transport.hpp"

namespace hockney::bench::experiments {

/// A stretch of a result and what it must hold.
struct Expected {
  Bytes size;
  pattern::Pattern data;
};

/// What one rank puts into a collective and must get out of it.
struct Collective {
  Bytes send;                           ///< one rank's input; less than the payload: a block of it, in rank order
  Bytes receive;                        ///< one rank's output buffer, alike on every rank; likewise
  std::vector<std::uint64_t> sent;      ///< Call::send_elements of all_to_all_v; else empty
  std::vector<std::uint64_t> received;  ///< Call::receive_elements of all_to_all_v; else empty
  std::vector<Expected> answer;         ///< the right result, stretch after stretch; empty where this rank gets none
};

/// A trial of one collective on buffer_sets() sets of buffers in turn. Every rank's input is its own pattern: summands
/// where the operation reduces, else data to be moved.
///
/// Out of place the input is written once, since it is not changed. In place the sets that were used are restored from
/// one pristine copy before every sample, outside the timed region, so that sums cannot grow: an operation that
/// accumulates takes every set once per sample at most.
std::unique_ptr<transport::Trial> make_collective_trial(transport::Verbs& verbs, const Case& point,
                                                        Collective collective);

}  // namespace hockney::bench::experiments
