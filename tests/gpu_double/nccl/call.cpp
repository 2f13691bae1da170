#include "call.hpp"

#include <array>
#include <cstring>

#include "element.hpp"

namespace hockney::gpu_double {
namespace {

constexpr std::uint64_t point_to_point_tag = 100;

/// The part of a vector that one rank reduces.
struct Chunk {
  std::size_t first = 0;  ///< element
  std::size_t count = 0;
};

Chunk chunk_of(std::size_t count, int rank, int ranks) {
  const std::size_t share = (count + static_cast<std::size_t>(ranks) - 1) / static_cast<std::size_t>(ranks);
  const std::size_t first = std::min(count, share * static_cast<std::size_t>(rank));
  return {first, std::min(share, count - first)};
}

class Run {
 public:
  Run(const Call& call, Segment& segment, int rank, int ranks, std::vector<std::byte>& scratch,
      const Segment::GiveUp& give_up)
      : call_(call), segment_(segment), rank_(rank), ranks_(ranks), scratch_(scratch), give_up_(give_up) {}

  bool all_reduce() {
    const Chunk mine = chunk_of(call_.count, rank_, ranks_);
    const auto chunk_at = [this](int peer) { return chunk_of(call_.count, peer, ranks_); };
    if (!reduce_chunks(chunk_at, mine.count)) {
      return false;
    }
    const std::size_t size = size_of(call_.type);
    std::vector<Send> sends;
    std::vector<Receive> receives;
    for (int peer = 0; peer < ranks_; ++peer) {
      const Chunk theirs = chunk_at(peer);
      sends.push_back({peer, scratch_.data(), mine.count * size});
      receives.push_back({peer, call_.receive + theirs.first * size, theirs.count * size});
    }
    return move(sends, receives);
  }

  bool reduce_scatter() {
    const auto block = [this](int peer) { return Chunk{static_cast<std::size_t>(peer) * call_.count, call_.count}; };
    return reduce_chunks(block, call_.count) && keep_reduced();
  }

  bool reduce() {
    const auto for_root = [this](int peer) { return Chunk{0, peer == call_.root ? call_.count : 0}; };
    return reduce_chunks(for_root, for_root(rank_).count) && (rank_ != call_.root || keep_reduced());
  }

  bool broadcast() {
    std::vector<Send> sends;
    for (int peer = 0; rank_ == call_.root && peer < ranks_; ++peer) {
      sends.push_back({peer, call_.send, call_.bytes()});
    }
    return move(sends, {{call_.root, call_.receive, call_.bytes()}});
  }

  bool all_gather() {
    std::vector<Send> sends;
    for (int peer = 0; peer < ranks_; ++peer) {
      sends.push_back({peer, call_.send, call_.bytes()});
    }
    return move(sends, receive_blocks());
  }

  bool all_to_all() { return move(send_blocks(), receive_blocks()); }

  bool gather() {
    return move({{call_.root, call_.send, call_.bytes()}},
                rank_ == call_.root ? receive_blocks() : std::vector<Receive>{});
  }

  bool scatter() {
    return move(rank_ == call_.root ? send_blocks() : std::vector<Send>{},
                {{call_.root, call_.receive, call_.bytes()}});
  }

 private:
  bool move(const std::vector<Send>& sends, const std::vector<Receive>& receives) {
    return exchange(segment_, rank_, sends, receives, static_cast<std::uint64_t>(call_.kind), give_up_);
  }

  std::vector<Send> send_blocks() const {
    std::vector<Send> sends;
    for (int peer = 0; peer < ranks_; ++peer) {
      sends.push_back({peer, call_.send + static_cast<std::size_t>(peer) * call_.bytes(), call_.bytes()});
    }
    return sends;
  }

  std::vector<Receive> receive_blocks() const {
    std::vector<Receive> receives;
    for (int peer = 0; peer < ranks_; ++peer) {
      receives.push_back({peer, call_.receive + static_cast<std::size_t>(peer) * call_.bytes(), call_.bytes()});
    }
    return receives;
  }

  // Every rank gets all ranks' inputs of its chunk and reduces them in the order of ranks; the result is left at the
  // beginning of the scratch memory.
  template <class ChunkOf>
  bool reduce_chunks(ChunkOf&& chunk_of_peer, std::size_t count) {
    const std::size_t size = size_of(call_.type);
    scratch_.resize(static_cast<std::size_t>(ranks_) * count * size);
    std::vector<Send> sends;
    std::vector<Receive> receives;
    for (int peer = 0; peer < ranks_; ++peer) {
      const Chunk theirs = chunk_of_peer(peer);
      if (theirs.count > 0) {
        sends.push_back({peer, call_.send + theirs.first * size, theirs.count * size});
      }
      if (count > 0) {
        receives.push_back({peer, scratch_.data() + static_cast<std::size_t>(peer) * count * size, count * size});
      }
    }
    if (!move(sends, receives)) {
      return false;
    }
    reduce_scratch(count);
    return true;
  }

  void reduce_scratch(std::size_t count) {
    if (call_.op == ncclAvg) {
      prepare_average(call_.type, scratch_.data(), static_cast<std::size_t>(ranks_) * count, ranks_);
    }
    for (std::size_t peer = 1; peer < static_cast<std::size_t>(ranks_); ++peer) {
      reduce_into(call_.type, call_.op, scratch_.data(), scratch_.data() + peer * count * size_of(call_.type), count);
    }
    if (call_.op == ncclAvg) {
      finish_average(call_.type, scratch_.data(), count, ranks_);
    }
  }

  bool keep_reduced() {
    if (call_.bytes() > 0) {
      std::memcpy(call_.receive, scratch_.data(), call_.bytes());
    }
    return true;
  }

  const Call& call_;
  Segment& segment_;
  const int rank_;
  const int ranks_;
  std::vector<std::byte>& scratch_;
  const Segment::GiveUp& give_up_;
};

}  // namespace

std::string_view name_of(Kind kind) {
  static constexpr std::array<std::string_view, 10> names{"AllReduce", "AllGather", "ReduceScatter", "Broadcast",
                                                          "Reduce",    "AlltoAll",  "Gather",        "Scatter",
                                                          "SendRecv",  "SendRecv"};
  return names[static_cast<std::size_t>(kind)];
}

std::size_t Call::bytes() const { return count * size_of(type); }

std::size_t Call::payload_bytes(int ranks) const {
  const bool counts_blocks = kind == Kind::all_gather || kind == Kind::reduce_scatter || kind == Kind::all_to_all ||
                             kind == Kind::gather || kind == Kind::scatter;
  return counts_blocks ? bytes() * static_cast<std::size_t>(ranks) : bytes();
}

std::span<std::byte> result_of(const Call& call, int rank, int ranks) {
  switch (call.kind) {
    case Kind::send:
      return {};
    case Kind::reduce:
      return {call.receive, rank == call.root ? call.bytes() : 0};
    case Kind::gather:
      return {call.receive, rank == call.root ? call.payload_bytes(ranks) : 0};
    case Kind::all_gather:
    case Kind::all_to_all:
      return {call.receive, call.payload_bytes(ranks)};
    default:
      return {call.receive, call.bytes()};
  }
}

bool run_collective(const Call& call, Segment& segment, int rank, int ranks, std::vector<std::byte>& scratch,
                    const Segment::GiveUp& give_up) {
  Run run(call, segment, rank, ranks, scratch, give_up);
  switch (call.kind) {
    case Kind::all_reduce:
      return run.all_reduce();
    case Kind::all_gather:
      return run.all_gather();
    case Kind::reduce_scatter:
      return run.reduce_scatter();
    case Kind::broadcast:
      return run.broadcast();
    case Kind::reduce:
      return run.reduce();
    case Kind::all_to_all:
      return run.all_to_all();
    case Kind::gather:
      return run.gather();
    case Kind::scatter:
      return run.scatter();
    case Kind::send:
    case Kind::receive:
      break;
  }
  return run_point_to_point({call}, segment, rank, give_up);
}

bool run_point_to_point(const std::vector<Call>& calls, Segment& segment, int rank, const Segment::GiveUp& give_up) {
  std::vector<Send> sends;
  std::vector<Receive> receives;
  for (const Call& call : calls) {
    if (call.kind == Kind::send) {
      sends.push_back({call.root, call.send, call.bytes()});
    } else {
      receives.push_back({call.root, call.receive, call.bytes()});
    }
  }
  return exchange(segment, rank, sends, receives, point_to_point_tag, give_up);
}

}  // namespace hockney::gpu_double
