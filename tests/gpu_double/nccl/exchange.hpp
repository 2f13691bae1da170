#pragma once

#include <functional>
#include <string>
#include <vector>

#include "segment.hpp"

namespace hockney::gpu_double {

struct Send {
  int peer;
  const std::byte* data;
  std::size_t bytes;
};

struct Receive {
  int peer;
  std::byte* data;
  std::size_t bytes;
};

/// Moves all messages at once, none waiting for another one except for those between the same two ranks, which stay in
/// order. Messages to oneself are copied. `tag` must be the same on both sides, as must the sizes. Returns false when
/// `give_up` said so; throws std::logic_error, with a line that names both sides, when two messages do not match.
bool exchange(Segment& segment, int rank, const std::vector<Send>& sends, const std::vector<Receive>& receives,
              std::uint64_t tag, const Segment::GiveUp& give_up);

}  // namespace hockney::gpu_double
