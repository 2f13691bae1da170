#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "record/measurement.hpp"

namespace hockney::inline record {

/// Where the variation of a point's times arises: standard deviations of ln t, so 0.01 is 1 %.
struct VarianceComponents {
  double launch = 0;             ///< between launches, beyond what their passes and samples explain
  std::optional<double> pass{};  ///< between visits of one launch, beyond what their samples explain; nothing where no
                                 ///< launch has two
  double sample = 0;             ///< between the samples of a visit
  double between_launches = 0;   ///< of the launches' medians as they are: what another launch differs by
};

/// The components of one point by nested analysis of variance of ln t on the medians of visits (Kalibera & Jones 2013:
/// docs/measuring.md); `launches` holds the visits of each launch. How far the samples make the median of a visit
/// scatter is told by its median_interval(), so that rare slow samples, which a median ignores, explain nothing.
/// Components that come out negative are 0. Nothing with fewer than two launches.
std::optional<VarianceComponents> variance_components(const std::vector<std::vector<const Measurement*>>& launches);

/// Launches after which the 95 % interval of the mean over launches is no wider than +- `precision`: the least R with
/// t(0.975, R - 1) between_launches / sqrt(R) <= precision. At least 2, at most 1000.
std::uint32_t launches_for(double between_launches, double precision);

}  // namespace hockney::inline record
