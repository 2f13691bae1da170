#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/case.hpp"

namespace hockney::scan {

/// Two nodes that exchange messages; `one` is the smaller number.
struct NodePair {
  std::uint32_t one = 0;
  std::uint32_t other = 0;

  bool has(std::uint32_t node) const { return one == node || other == node; }
  friend auto operator<=>(const NodePair&, const NodePair&) = default;
};

/// Pairs that exchange at the same time: no node is in two of them. Of an odd number of nodes one sits out.
using Round = std::vector<NodePair>;

/// Rounds of a tournament between `nodes` nodes, in which every two meet at most once: the circle method on numbers
/// drawn from `seed`, whose rounds come in random order. A tournament has nodes - 1 rounds, or `nodes` where that is
/// odd; more rounds than that begin it anew. The same everywhere for the same seed. Two nodes at least.
std::vector<Round> draw_tournament(std::uint32_t nodes, std::uint32_t rounds, std::uint64_t seed);

/// "0-5 1-3; 0-1 3-5": the rounds of a launch, as its provenance keeps them.
std::string to_text(const std::vector<Round>& rounds);

/// Reads that text. Throws InputError.
std::vector<Round> parse_tournament(std::string_view text);

/// The name that the matrix of the n-th round has: "scan-round-3".
std::string name_of_round(std::size_t number);
/// The number in such a name; nothing in any other.
std::optional<std::size_t> number_of_round(std::string_view name);

/// How all_to_all_v makes the pairs of a round exchange, among one rank of each node.
Routing routing_of(const Round& round, std::uint32_t nodes, const std::string& name);

}  // namespace hockney::scan
