#pragma once

#include <string>
#include <vector>

#include "compare/side.hpp"

namespace hockney::compare {

/// Two curves that may be compared: of one operation, group and mode, and all other factors of a case.
struct Pair {
  const SideCurve* a = nullptr;
  const SideCurve* b = nullptr;
};

struct Pairing {
  std::vector<Pair> pairs;         ///< in the order of A's curves
  std::vector<std::string> notes;  ///< every curve of either side that is in no pair, with the reason
};

/// Pairs the curves of two systems. What carries the bytes is a part of a system, so curves of different fabrics are
/// paired where both lie inside a node or both between nodes and neither side has the fabric of the other. Curves of
/// one side that differ in their software alone: those are taken whose software the other side has too; where there is
/// none, the preferred one (is_preferred_software()). Curves whose times are not the same statistic over ranks are
/// never paired. The sides must outlive the pairs.
Pairing pair_systems(const Side& a, const Side& b);

/// Pairs each curve of one system between nodes (B) with one inside a node (A) that has all other factors: on the same
/// software where there is one, then over the fastest fabric, then with as many ranks, then with the most.
Pairing pair_fabrics(const Side& side);

}  // namespace hockney::compare
