#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/names.hpp"
#include "record/launch.hpp"
#include "scan/tournament.hpp"

namespace hockney::scan {

/// Which way an exchange between two nodes goes.
enum class Way {
  both,   ///< both send and receive at the same time
  there,  ///< NodePair::one sends to NodePair::other
  back,   ///< other sends to one
};

struct WayNames {
  static constexpr std::string_view what = "way of an exchange";
  static constexpr std::array<NamedValue<Way>, 3> table{
      {{Way::both, "both"}, {Way::there, "there"}, {Way::back, "back"}}};
};
WayNames names_of(Way);

/// What one exchange between two nodes took on one rail.
struct PairTime {
  NodePair nodes;
  std::uint32_t rail = 0;
  Bytes payload;             ///< each way
  double time_s = 0;         ///< median over samples of the time of the slower end
  bool alone = false;        ///< no other pair exchanged meanwhile
  std::uint32_t round = 0;   ///< of the tournament; of pairs alone the repeat
  bool again = false;        ///< of a round that was repeated after all others
  Way way = Way::both;       ///< one way only where `alone`
  bool on_one_rail = false;  ///< of several: the others were idle meanwhile
  std::string adapters{};    ///< that carried it at either end, "mlx5_0:1,mlx5_1:1"; empty where not told, and where
                             ///< other rails or pairs exchanged meanwhile

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

/// An exchange of two nodes while no others exchange: on one rail, or on all at once.
struct Alone {
  NodePair nodes{};
  Bytes payload{};
  Way way = Way::both;
  std::optional<std::uint32_t> rail{};
  friend auto operator<=>(const Alone&, const Alone&) = default;
};

/// The case of it.
Case case_of(const Case& rails, const Alone& exchange);

/// "0 17 268435456 there 5;3 4 1024 both -1;", -1 for all rails.
std::string to_text(const std::vector<Alone>& exchanges);
/// Reads that text. Throws InputError.
std::vector<Alone> parse_exchanges(const std::string& text);

/// The exchanges of one visit of such a case, on every rail that took part. `rails`: how many there are.
std::vector<PairTime> pair_times(const Measurement& visit, const std::vector<Round>& rounds, std::uint32_t rails);

}  // namespace hockney::scan
