#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/names.hpp"
#include "scan/node_names.hpp"
#include "scan/tournament.hpp"

namespace hockney::scan {

enum class SuspectKind {
  node,  ///< slow towards all others, on most rails
  nic,   ///< the same on some rails only: a GPU, its NIC or its cable
  path,  ///< two nodes, each fine with others
  rail,  ///< slow between all nodes: a switch
};

struct SuspectKindNames {
  static constexpr std::string_view what = "suspect";
  static constexpr std::array<NamedValue<SuspectKind>, 4> table{{{SuspectKind::node, "node"},
                                                                 {SuspectKind::nic, "nic"},
                                                                 {SuspectKind::path, "path"},
                                                                 {SuspectKind::rail, "rail"}}};
};
SuspectKindNames names_of(SuspectKind);

enum class Verdict {
  persistent,   ///< slow alone, too, in two of three repeats or more
  contention,   ///< slow again while other pairs ran, not alone
  transient,    ///< never slow again
  unconfirmed,  ///< not measured again
};

struct VerdictNames {
  static constexpr std::string_view what = "verdict";
  static constexpr std::array<NamedValue<Verdict>, 4> table{{{Verdict::persistent, "persistent"},
                                                             {Verdict::contention, "contention"},
                                                             {Verdict::transient, "transient"},
                                                             {Verdict::unconfirmed, "unconfirmed"}}};
};
VerdictNames names_of(Verdict);

/// Which way exchanges alone are slow.
enum class Direction {
  unknown,    ///< not measured one way; or not persistent
  sending,    ///< when the node sends; of a path from its first node to the other
  receiving,  ///< when it receives; of a path from the other node to the first
  both,       ///< either way
  neither,    ///< only both ways at the same time
};

struct DirectionNames {
  static constexpr std::string_view what = "direction";
  static constexpr std::array<NamedValue<Direction>, 5> table{{{Direction::unknown, "unknown"},
                                                               {Direction::sending, "sending"},
                                                               {Direction::receiving, "receiving"},
                                                               {Direction::both, "both"},
                                                               {Direction::neither, "neither"}}};
};
DirectionNames names_of(Direction);

/// Something slow that the rounds of a scan show.
struct Suspect {
  SuspectKind kind = SuspectKind::node;
  NodePair nodes{};                    ///< a node or NIC: both numbers are the node's; of a rail 0
  std::vector<std::uint32_t> rails{};  ///< where it shows
  Bytes payload{};                     ///< at which it shows most
  double excess = 0;                   ///< how much longer exchanges take there: 0.02 for 2 %
  Verdict verdict = Verdict::unconfirmed;
  std::uint32_t repeats = 0;       ///< alone
  std::uint32_t slow_repeats = 0;  ///< of them
  Direction direction = Direction::unknown;
  /// By rail, what carried its exchanges alone there: of a node what all of them had in common, of a path what any had.
  std::map<std::uint32_t, std::string> adapters{};
};

/// From which excess on something is suspect, and what is to be confirmed.
struct Limits {
  double node = 0.01;  ///< with a z-score above this one:
  double z = 4;
  double rail = 0.02;
  double path = 0.10;
  double latency_factor = 10;     ///< all limits are so much wider for payloads below 64 KiB
  std::size_t most_suspects = 8;  ///< that are measured again: the worst
  double scale(Bytes payload) const { return payload < kibibytes(64) ? latency_factor : 1; }
};

/// Whether it is about one node: all of it, or a NIC.
bool is_one_node(const Suspect& suspect);

/// The nodes that suspects name.
std::set<std::uint32_t> named_nodes(const std::vector<Suspect>& suspects);

/// Whether it is measured one way on each of its rails by itself, rather than on all at once: a NIC, and a path that is
/// slow on some rails only. `rails`: how many there are.
bool goes_rail_by_rail(const Suspect& suspect, std::uint32_t rails);

/// Where a suspect is: "node-17, rail 5 (GPU-..., mlx5_5:1)", "node-3 - node-9", "5, between all hosts" for a rail.
/// Where no adapter was observed, the one near the GPU is named as such.
std::string name_of_suspect(const Suspect& suspect, const NodeNames& names);

/// "persistent: node node-17: exchanges of 256 MiB take 2.1 % longer; alone, slow in 3 of 3 repeats, when it sends".
/// `between`: what stands before "alone".
std::string to_text(const Suspect& suspect, const NodeNames& names, std::string_view between = "; ");

}  // namespace hockney::scan
