#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

#include "commands/show/point_of_launch.hpp"

namespace hockney::commands {

/// What the library made of each point of a curve: algorithm, protocol, channels, connections, its own estimate, and
/// what was set for it. A table with a row per point that tells any of it; empty when none does.
std::string describe_what_ran(std::span<const PointOfLaunch> rows);

/// The GPUs' state before and after each point of a curve, as a table; empty when no point has one.
std::string describe_devices(std::span<const PointOfLaunch> rows);

/// Of curves with concurrent groups: the slowest group of each point, as a table; else empty.
std::string describe_groups(std::span<const PointOfLaunch> rows);

/// The same as fields of a point: ran_algorithm, ran_protocol, ran_channels, ran_connections, ran_estimate_s,
/// ran_settings, the GPUs' state before the first pass and after the last, slowest_group and its median. Always all of
/// them, so that tables have equal columns; empty texts and 0 where nothing is known.
nlohmann::ordered_json what_ran_as_json(const PointOfLaunch& row);

}  // namespace hockney::commands
