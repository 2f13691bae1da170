#pragma once

#include <string>
#include <vector>

#include "cost/cost_model.hpp"
#include "render/view.hpp"

namespace hockney::views {

/// The errors of every method, in %: in_sample.METHOD and leave_one_out.METHOD with median_percent and p95_percent
/// (piecewise, segments, log_log, weighted_line, least_squares), inside_segment and at_switch of the sizes left out,
/// and held_out. A terminal shows the main ones as "median / 95th percentile" when `shown`.
std::vector<render::Column> validation_columns(bool shown);

/// The cells under them; nothing for errors of no size.
std::vector<render::Cell> validation_cells(const cost::Validation& validation);

/// The same as single values of a view.
std::vector<render::Fact> validation_facts(const cost::Validation& validation);

/// "1.89 / 6.71": median and 95th percentile in %; "-" for errors of no size.
std::string errors_text(const cost::ErrorQuantiles& errors);

}  // namespace hockney::views
