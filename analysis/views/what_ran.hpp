#pragma once

#include <span>
#include <vector>

#include "render/view.hpp"
#include "views/points.hpp"

namespace hockney::views {

/// What the library made of a point, as columns for programs: ran_algorithm, ran_protocol, ran_channels,
/// ran_connections, ran_adapters, ran_estimate_s, ran_settings, and the GPUs' state before the first pass and after the
/// last.
std::vector<render::Column> what_ran_columns();
std::vector<render::Cell> what_ran_cells(const PointOfLaunch& row);

/// Whether the points do not all use the same network adapters; those that use none do not count.
bool use_different_adapters(std::span<const PointOfLaunch> rows);

/// The same for people: a row per point of a curve that tells any of it; adapters by name where they are wanted (their
/// numbers stand among the connections).
render::Table what_ran(std::span<const PointOfLaunch> rows, bool with_adapters);

/// Table "gpu_states": the GPUs' state before and after each visit that tells it.
render::Table gpu_states(std::span<const PointOfLaunch> rows);

/// Of curves with concurrent groups, for people: the slowest group of each point. No rows for others.
render::Table slowest_groups(std::span<const PointOfLaunch> rows);

}  // namespace hockney::views
