#pragma once

#include <optional>

#include "compare/comparison.hpp"
#include "render/view.hpp"

namespace hockney::views {

/// A ratio, the lower end of its interval (which a terminal shows as the whole interval) and the upper end, with as
/// many digits as the interval warrants; empty cells where one is not known.
render::Cell ratio_cell(const std::optional<compare::Ratio>& ratio);
render::Cell low_cell(const std::optional<compare::Ratio>& ratio);
render::Cell high_cell(const std::optional<compare::Ratio>& ratio);

}  // namespace hockney::views
