#pragma once

#include <map>
#include <span>
#include <string>

#include "predict/score/row_score.hpp"
#include "render/view.hpp"

namespace hockney::views {

/// How far predictions of a table of training runs are from their measurements: schema "hockney row predictions" 1.2.0,
/// with the tables "rows" (where `with_rows`), "skipped", "errors" by source and "ratios" by kind of step.
/// `efficiencies`: per GPU, where its efficiency comes from.
render::View rows_view(const predict::StepRows& table, std::span<const predict::PredictedRow> rows,
                       const std::string& cost_model, const std::map<std::string, std::string>& efficiencies,
                       bool with_rows);

}  // namespace hockney::views
