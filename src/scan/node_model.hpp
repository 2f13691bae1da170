#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "scan/pair_times.hpp"

namespace hockney::scan {

/// What the nodes contribute to the times of exchanges on one rail: ln t(i, j) = level + excess(i) + excess(j) + e.
/// A node that makes all its exchanges 2 % longer has excess 0.02.
struct NodeModel {
  double level = 0;            ///< ln s: of an exchange between two typical nodes
  std::vector<double> excess;  ///< by node, their median is 0; of a node without exchanges 0
  double spread = 0;           ///< robust_deviation() of the excesses, at least least_spread

  double expected(const NodePair& pair) const { return level + excess[pair.one] + excess[pair.other]; }
  /// ln of measured over expected.
  double residual(const PairTime& time) const;
};

/// Below this a spread is not believed: 0.2 %.
inline constexpr double least_spread = 0.002;

/// With fewer nodes the exchanges do not tell what each of them contributes.
inline constexpr std::uint32_t least_nodes = 4;

/// Least absolute deviations by 60 rounds of reweighted least squares (weights 1 / max(|e|, 1e-3)), so that single slow
/// pairs do not spoil their nodes. Of fewer than least_nodes all excesses are 0 and the level is the median. At least
/// one exchange.
NodeModel fit_nodes(std::span<const PairTime> times, std::uint32_t nodes);

}  // namespace hockney::scan
