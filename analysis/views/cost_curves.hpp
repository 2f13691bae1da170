#pragma once

#include <cstddef>
#include <span>

#include "cost/cost_model.hpp"
#include "render/plot/figure.hpp"

namespace hockney::views {

/// Curves on one page at most: more are unreadable.
inline constexpr std::size_t most_curves = 120;

/// A page of cost curves, one panel each, in their order: time over payload, both on log scales. A mark per measured
/// point, its bar 1.96 relative standard errors (the noise floor of the fit included); a line per segment, colours in
/// turn; grey strips where one segment ends and the next has not begun; beneath it the residuals, fit / measured - 1 in
/// %. The heading says operation, fabric, group, mode, machine, what the errors rest on, and in colour what the data
/// are not (SIMULATED, EMULATED, SHARED GPU) and their other flags. One curve gets a page of 900 x 700 pixels; several
/// get panels of 460 x 400, up to five beside each other.
/// Throws InputError for no curves or more than most_curves.
render::Figure cost_curves(std::span<const cost::CostCurve* const> curves);

}  // namespace hockney::views
