#pragma once

#include <span>
#include <string>
#include <vector>

#include "predict/score/predicted_rows.hpp"
#include "render/view.hpp"

namespace hockney::views {

/// Says in a view which lines of tables were not used: a fact "skipped_rows", a table "skipped" with a row for each
/// reason (where there are some), and a note for each table with columns that are not read.
void add_skipped(render::View& view, std::span<const predict::SkippedLine> skipped,
                 std::span<const std::string> ignored_columns);

/// Warnings about what was assumed of rows beyond what their table says, each with their number: what does not divide
/// is taken otherwise ("UNEVEN: ..."), NICs that nobody states ("NIC ASSUMED: ..."), how programs count FLOPs from
/// which seconds follow ("FLOPS: ...").
std::vector<std::string> assumptions_of(std::span<const predict::PredictedRow* const> rows);

}  // namespace hockney::views
