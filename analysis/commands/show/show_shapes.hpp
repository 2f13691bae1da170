#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

#include "commands/show/point_of_launch.hpp"

namespace hockney::commands {

/// Matrix products as one table: layer, pass, m x n x k, time, and TFLOP/s of one rank (10^12 operations, 2 m n k per
/// product).
std::string describe_products(std::span<const PointOfLaunch> rows);

/// Replayed steps as one table: model, mapping, activation, time.
std::string describe_steps(std::span<const PointOfLaunch> rows);

/// The shape of a point as fields: matmul_*, flop_per_s, and the mapping of a step; zeros and empty texts for others.
nlohmann::ordered_json shape_as_json(const PointOfLaunch& row);

}  // namespace hockney::commands
