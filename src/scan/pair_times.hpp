#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "record/launch.hpp"
#include "scan/tournament.hpp"

namespace hockney::scan {

/// What one exchange between two nodes took on one rail.
struct PairTime {
  NodePair nodes;
  std::uint32_t rail = 0;
  Bytes payload;            ///< each way
  double time_s = 0;        ///< median over samples of the time of the slower end
  bool alone = false;       ///< no other pair exchanged meanwhile
  std::uint32_t round = 0;  ///< of the tournament; of pairs alone the repeat
  bool again = false;       ///< of a round that was repeated after all others

  /// Whether it is one of the tournament itself: neither alone nor of a repeated round.
  bool is_of_rounds() const { return !alone && !again; }
};

/// What a launch of `hockney-bench --scan` is told by: the provenance entry of its rounds.
inline constexpr const char* rounds_fact = "scan.rounds";

/// The scan of a launch; nothing where the launch is none.
struct ScanRecord {
  std::uint32_t nodes = 0;
  std::uint32_t rails = 0;
  std::vector<Round> rounds;
  std::vector<PairTime> times;  ///< in the order of measuring; of visits that are usable()
};
std::optional<ScanRecord> read_scan(const Launch& launch);
bool is_scan(const Launch& launch);

/// The case of a round: all its pairs on all rails at once, the matrix named name_of_round(). `rails`: the group of one
/// rank per node, all copies at once (GroupKind::rail).
Case case_of_round(const Case& rails, const Round& round, std::size_t number, Bytes payload);

/// The case of two nodes alone, on all rails at once.
Case case_of_pair(const Case& rails, const NodePair& pair, Bytes payload);

/// The exchanges of one visit of such a case, each on every rail.
std::vector<PairTime> pair_times(const Measurement& visit, const std::vector<Round>& rounds);

}  // namespace hockney::scan
