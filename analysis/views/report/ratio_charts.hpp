#pragma once

#include <string>
#include <vector>

#include "compare/comparison.hpp"
#include "render/html/page.hpp"

namespace hockney::views {

/// A comparison as a reader of a report sees it: the ratio B / A of every pair of curves over the payload, with 95 %
/// bands where launches give them, then how many points have which verdict, and all points of comparison_view() in a
/// fold-out. Nothing where no point is common to both.
std::vector<render::Block> comparison_blocks(const compare::Comparison& comparison, const std::string& title);

}  // namespace hockney::views
