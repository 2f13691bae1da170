#pragma once

#include <string>

#include "fit/validate/scoreboard.hpp"

namespace hockney::commands {

/// Errors of every method, per curve and pooled, in %: "median / 95th percentile". The notes at the end.
std::string print_scoreboard(const fit::Scoreboard& board);

/// The pooled errors as JSON: curves, in_sample and leave_one_out with median_percent and p95_percent per method
/// (piecewise, segments, weighted_line, least_squares, log_log), inside_segment and at_switch of the sizes left out,
/// segments_mean; then the same per curve.
std::string scoreboard_json(const fit::Scoreboard& board);

}  // namespace hockney::commands
