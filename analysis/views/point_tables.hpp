#pragma once

#include <span>
#include <vector>

#include "render/view.hpp"
#include "views/points.hpp"

namespace hockney::views {

/// The points of one curve, or all matrix products, or all replayed steps, as a part of table "points": every field of
/// the summary within the launch, what ran, and beside it what is to be expected of the next launch. The shape of a
/// product (matmul_*, flop_per_s: of one rank, 2 m n k per product) or a step (step_*) is there for its kind only.
render::Table point_table(std::span<const PointOfLaunch> rows);

/// The same points over all launches of each machine, as a part of table "over_launches": the median of the launches'
/// medians, and the 95 % interval for the median of the next launch. Where no point has two launches a terminal shows
/// one line instead, which says that the next launch is not known.
render::Table over_launches(std::span<const PointOfLaunch> rows);

}  // namespace hockney::views
