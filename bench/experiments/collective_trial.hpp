#pragma once

#include <functional>
#include <memory>

#include "plan/case.hpp"
#include "transport/transport.hpp"

namespace hockney {

/// How one collective differs from the others.
struct Collective {
  /// The operation, out of place.
  void (Verbs::*run)(Verbs::ConstBuffer send, Verbs::Buffer receive, Element element);
  /// The operation in place; returns the part of the buffer that holds the result.
  Verbs::Buffer (Verbs::*run_in_place)(Verbs::Buffer buffer, Element element);
  /// Writes this rank's input into `input` (send_bytes of the operation).
  std::function<void(Verbs& verbs, Verbs::Buffer input)> fill_input;
  /// Where the input lies in an in-place buffer of payload bytes.
  std::function<Verbs::Buffer(Verbs& verbs, Verbs::Buffer buffer)> input_in_place;
  /// Wrong elements in the result (receive_bytes of the operation) on this rank.
  std::function<std::uint64_t(Verbs& verbs, Verbs::ConstBuffer result)> count_wrong;
};

/// A trial of one collective: one call per sample. Out of place the input is written once, since it is not changed.
/// In place it is restored from a pristine copy before every sample, outside the timed region, so that sums cannot
/// grow; the buffer is then warm in the cache.
std::unique_ptr<Trial> make_collective_trial(Verbs& verbs, const Case& point, Collective collective);

}  // namespace hockney
