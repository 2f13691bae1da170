#pragma once

#include "cost/cost_model.hpp"
#include "render/view.hpp"
#include "views/line_rates.hpp"

namespace hockney::views {

/// A line for each curve of a model, "hockney costs" 1.0.0, table "costs": alpha of its first segment (what a small
/// message costs), 1/beta of its last (the rate of large ones), both with 95 % intervals, and which share of the line
/// rate that is: 1/beta times the wire factor of the operation, by LineRates. Of beta 0 there is no rate and no share.
/// Footnotes say what the intervals rest on. Warnings say SIMULATED and the like.
render::View brief_costs(const cost::CostModel& model, const LineRates& rates);

}  // namespace hockney::views
