#pragma once

#include <span>
#include <vector>

#include "fit/groups/group_law_fit.hpp"

namespace hockney::fit {

/// How the points of several group sizes may be explained.
struct RegimeOptions {
  std::vector<cost::LawKind> laws;  ///< candidates, at least one
  std::size_t least_sizes = 3;      ///< group sizes that every regime needs
};

/// Cuts the payloads into regimes with one law each, by dynamic programming over all borders: the least sum of
/// (ln(law / t) / sigma)^2 + (terms + 1) ln n over regimes, n the points in all. sigma^2 is the point's own variance
/// plus the square of what no law explains even within one octave of payloads. Every regime names the laws that it was
/// compared with. Empty where no law can be fitted to all payloads.
std::vector<cost::LawRegime> find_regimes(Operation operation, std::span<const GroupPoint> points,
                                          const RegimeOptions& options);

}  // namespace hockney::fit
