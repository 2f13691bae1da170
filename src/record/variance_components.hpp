#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "record/measurement.hpp"

namespace hockney::inline record {

/// Where the variation of a point's times arises: standard deviations of ln t, so 0.01 is 1 %.
struct VarianceComponents {
  double launch = 0;            ///< between launches, beyond what their passes and samples explain
  double pass = 0;              ///< between visits of one launch, beyond what their samples explain
  double sample = 0;            ///< between the samples of a visit
  double between_launches = 0;  ///< of the launches' medians as they are: what another launch differs by
};

/// The components of one point by nested analysis of variance of ln t on the medians of visits (Kalibera & Jones 2013:
/// docs/measuring.md); `launches` holds the visits of each launch. The median of a visit of n samples with
/// autocorrelation time tau scatters by sample * sqrt(pi/2 tau / n). Components that come out negative are 0. Nothing
/// with fewer than two launches; `pass` is 0 where no launch has two visits.
std::optional<VarianceComponents> variance_components(const std::vector<std::vector<const Measurement*>>& launches);

/// Launches after which the 95 % interval of the mean over launches is no wider than +- `precision`: the least R with
/// t(0.975, R - 1) between_launches / sqrt(R) <= precision. At least 2, at most 1000.
std::uint32_t launches_for(double between_launches, double precision);

}  // namespace hockney::inline record
