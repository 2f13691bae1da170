#pragma once

#include <span>
#include <string>
#include <vector>

#include "predict/score/step_rows.hpp"
#include "render/view.hpp"

namespace hockney::views {

/// Says in a view which lines of tables were not used: a fact "skipped_rows", a table "skipped" with a row for each
/// reason (where there are some), and a note for each table with columns that are not read.
void add_skipped(render::View& view, std::span<const predict::SkippedLine> skipped,
                 std::span<const std::string> ignored_columns);

/// Warnings about rows of which something does not divide and is taken otherwise: one with their number and the first,
/// or none. "UNEVEN: ...".
std::vector<std::string> uneven_rows(std::span<const predict::StepRow* const> rows);

}  // namespace hockney::views
