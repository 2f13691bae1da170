#pragma once

#include <nccl.h>
#include <string_view>
#include <vector>

#include "exchange.hpp"

namespace hockney::gpu_double {

enum class Kind {
  all_reduce,
  all_gather,
  reduce_scatter,
  broadcast,
  reduce,
  all_to_all,
  gather,
  scatter,
  send,
  receive
};

/// NCCL's name: "AllReduce"; of all sends and receives of a group together "SendRecv".
std::string_view name_of(Kind kind);

/// One call of NCCL's interface, as it was made. `count` is the argument of the call.
struct Call {
  Kind kind;
  const std::byte* send = nullptr;
  std::byte* receive = nullptr;
  std::size_t count = 0;
  ncclDataType_t type = ncclInt8;
  ncclRedOp_t op = ncclSum;
  int root = 0;  ///< the peer of a send or receive

  bool is_point_to_point() const { return kind == Kind::send || kind == Kind::receive; }
  std::size_t bytes() const;
  /// The larger of one rank's buffers, NCCL's own figure in its debug lines.
  std::size_t payload_bytes(int ranks) const;
};

/// The bytes that a rank has when the call is done; empty where it only sends.
std::span<std::byte> result_of(const Call& call, int rank, int ranks);

/// Runs one collective. Memory that it needs is kept in `scratch` from call to call. Returns false when given up.
bool run_collective(const Call& call, Segment& segment, int rank, int ranks, std::vector<std::byte>& scratch,
                    const Segment::GiveUp& give_up);

/// Runs all sends and receives of a group together.
bool run_point_to_point(const std::vector<Call>& calls, Segment& segment, int rank, const Segment::GiveUp& give_up);

}  // namespace hockney::gpu_double
