#pragma once

#include <vector>

#include "record/launch.hpp"
#include "render/plot/heat_map.hpp"
#include "render/view.hpp"

namespace hockney::views {

/// What the health scan of a launch found: tables "suspects" (what is slow and whether it was slow again), "scan_rails"
/// (level of each rail), "scan_nodes" (how much longer than a typical node each takes) and "scan_pairs" (every
/// exchange; CSV and JSON only).
std::vector<render::Table> scan_tables(const Launch& launch);

/// Whether a launch is a health scan that scan_map() can draw.
bool has_scan_map(const Launch& launch);

/// The rates between every two nodes of the first scan among some launches, at its largest payload, the slowest rail of
/// each pair; grey where two nodes did not meet. Throws InputError where no launch is a scan, and for more nodes than a
/// page holds.
render::HeatMap scan_map(const std::vector<Launch>& launches);

}  // namespace hockney::views
