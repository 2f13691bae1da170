#pragma once

#include <cstddef>
#include <span>

#include "cost/cost_model.hpp"
#include "render/plot/figure.hpp"

namespace hockney::views {

/// Curves on one page at most: more are unreadable.
inline constexpr std::size_t most_curves = 120;

/// A page of cost curves, those of one operation on top of each other in one panel, with a legend of names_apart():
/// time over payload, both on log scales. A mark per measured point, its bar the 95 % interval
/// (cost::log_half_width()); a line per segment; an upright line where the law changes; of an operation with one curve
/// segments have colours in turn and grey strips between them. Beneath it the residuals, fit / measured - 1 in
/// %. The heading says operation, fabric, group, mode, machine, what the errors rest on, and in colour what the data
/// are not (SIMULATED, EMULATED, SHARED GPU) or their other flags. Every operation gets 1120 x 700 pixels, more with
/// many curves (a page of one curve is 900 x 700); from four operations on two stand beside each other. Throws
/// InputError for no curves or more than most_curves.
render::Figure cost_curves(std::span<const cost::CostCurve* const> curves);

}  // namespace hockney::views
