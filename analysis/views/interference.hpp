#pragma once

#include <span>
#include <vector>

#include "render/view.hpp"
#include "views/points.hpp"

namespace hockney::views {

/// What groups that run at once cost each other: parts of table "interference", one for each curve of several groups at
/// once that has points of one group alone beside it, in the order of `points`. A row per payload, machine and
/// software: the median over launches of either, and their ratio with a 95 % interval over launches, on the log scale:
/// of the launches that measured both (compare::paired()) where there are two, else of two launches of either
/// (compare::welch()). Samples are never pooled. With fewer launches, or where all agree to the last digit, there is no
/// interval, and a remark says so. Visits that are not usable() do not count. Alone is the group of the same ranks and
/// stride, or, of one rank per node, that of nodes with one rank each. Curves without a counterpart are named beneath.
/// Never empty: where no groups ran at once one part without rows.
std::vector<render::Table> interference(std::span<const PointOfLaunch> points);

}  // namespace hockney::views
