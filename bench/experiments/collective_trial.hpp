#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "plan/case.hpp"
#include "transport/transport.hpp"

namespace hockney::bench::experiments {

/// How one collective differs from the others. Every rank's input is its own pattern: summands where the operation
/// reduces, else data to be moved.
struct Collective {
  using Buffer = transport::Verbs::Buffer;
  using ConstBuffer = transport::Verbs::ConstBuffer;

  /// The operation, out of place.
  std::function<void(transport::Verbs& verbs, ConstBuffer send, Buffer receive)> run;
  /// The operation in place; returns the part of the buffer that holds the result.
  std::function<Buffer(transport::Verbs& verbs, Buffer buffer)> run_in_place;
  /// Where this rank's input lies in an in-place buffer of payload bytes; empty where it has none.
  std::function<Buffer(transport::Verbs& verbs, Buffer buffer)> input_in_place;
  /// Wrong elements in the result on this rank.
  std::function<std::uint64_t(transport::Verbs& verbs, ConstBuffer result)> count_wrong;
  /// Size of the output buffer, alike on every rank; empty: receive_bytes() of the operation.
  std::optional<Bytes> receive = std::nullopt;
};

/// A trial of one collective on buffer_sets() sets of buffers in turn. Out of place the input is written once, since it
/// is not changed. In place the sets that were used are restored from one pristine copy before every sample, outside
/// the timed region, so that sums cannot grow: an operation that accumulates takes every set once per sample at most.
std::unique_ptr<transport::Trial> make_collective_trial(transport::Verbs& verbs, const Case& point,
                                                        Collective collective);

/// Choices for Collective::input_in_place.
transport::Verbs::Buffer whole_buffer(transport::Verbs& verbs, transport::Verbs::Buffer buffer);
transport::Verbs::Buffer own_block(transport::Verbs& verbs, transport::Verbs::Buffer buffer);
transport::Verbs::Buffer whole_buffer_on_root(transport::Verbs& verbs, transport::Verbs::Buffer buffer);

/// Wrong elements in a buffer of one equal block per rank: block r must be rank r's moved_data() from `first_index` on.
std::uint64_t count_wrong_blocks(transport::Verbs& verbs, transport::Verbs::ConstBuffer result, Element element,
                                 std::uint64_t first_index = 0);

}  // namespace hockney::bench::experiments
