#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "vocabulary/element.hpp"
#include "vocabulary/operation.hpp"

namespace hockney::transport {

/// One collective operation as one rank of the group calls it: is_collective(operation). Sizes of the buffers are
/// send_bytes() and receive_bytes() of the payload; of all_to_all_v the lengths below. Rooted operations have rank 0 as
/// root: broadcast and scatter read `send` on the root only, reduce and gather write `receive` on the root only.
///
/// In place, as NCCL says it: the smaller buffer is this rank's block of the larger one, or both are one. In place,
/// `receive` of a gather and `send` of a scatter are whole buffers on every rank.
struct Call {
  Operation operation = Operation::all_reduce;
  std::span<const std::byte> send;
  std::span<std::byte> receive;
  Element element = Element::float32;
  Reduction reduction = Reduction::sum;               ///< of operations that reduce
  bool native = false;                                ///< of has_native() operations: Case::native
  std::span<const std::uint64_t> send_elements = {};  ///< all_to_all_v: length of the block for each rank, in elements;
                                                      ///< blocks lie one after the other
  std::span<const std::uint64_t> receive_elements = {};  ///< all_to_all_v: likewise of the block from each rank
};

/// Whether the two buffers of a call overlap.
constexpr bool is_in_place(const Call& call) {
  const std::byte* receive = call.receive.data();
  const std::byte* send = call.send.data();
  return send < receive + call.receive.size() && receive < send + call.send.size();
}

/// Whole elements in a buffer.
constexpr std::size_t elements_in(std::span<const std::byte> buffer, Element element) {
  return buffer.size() / size_of(element).count;
}

}  // namespace hockney::transport
