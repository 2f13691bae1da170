#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "ring.hpp"

namespace hockney::gpu_double {

/// What the ranks of a communicator tell each other when they meet.
struct RankInfo {
  std::array<char, 64> host{};  ///< NCCL_HOSTID, or the host's name
  int device = 0;               ///< index among all devices of the host
};

struct SplitChoice {
  int colour = 0;
  int key = 0;
};

/// Shared memory of one communicator: who takes part, and a ring for every ordered pair of ranks.
class Segment {
 public:
  static constexpr int most_ranks = 16;

  using GiveUp = std::function<bool()>;

  /// Opens or creates the memory named `name` (from the unique id), tells `mine`, and waits for all ranks. Throws
  /// std::runtime_error where the system refuses; meet() returns false when `give_up` said so.
  Segment(const std::string& name, int ranks, int rank);
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;
  ~Segment();

  bool meet(const RankInfo& mine, const GiveUp& give_up);
  const RankInfo& info(int rank) const;

  /// Every rank's choice, by rank; empty when `give_up` said so. `number` counts the splits of this communicator.
  std::vector<SplitChoice> exchange_choices(std::uint64_t number, SplitChoice mine, const GiveUp& give_up);

  /// Waits until all ranks have come here.
  bool leave_together(const GiveUp& give_up);

  Ring& from_me_to(int rank);
  Ring& to_me_from(int rank);

 private:
  struct Header;
  Header& header() const;
  Ring& ring(int from, int to) const;

  const std::string name_;
  const int ranks_;
  const int rank_;
  std::size_t size_ = 0;
  std::byte* memory_ = nullptr;
};

}  // namespace hockney::gpu_double
