#pragma once

#include "fit/validate/scoreboard.hpp"
#include "render/view.hpp"

namespace hockney::views {

/// Errors of every method, "hockney scoreboard" 1.0.0: curves (how many), the pooled errors under the keys of
/// validation_columns(), segments_mean; table "by_curve" with the same of each curve. Notes say what was not scored.
render::View scoreboard(const fit::Scoreboard& board);

}  // namespace hockney::views
