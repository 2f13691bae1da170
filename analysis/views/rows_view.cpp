#include "views/rows_view.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "predict/step/step_prediction.hpp"
#include "render/forms.hpp"
#include "views/interval_text.hpp"

namespace hockney::views {
namespace {

using predict::PredictedRow;
using render::Cell;
using render::Table;

std::string two_decimals(double fraction) { return fmt::format("{:.2f}", fraction * 100); }

std::string with_sign(double fraction) { return fmt::format("{:+.2f}", fraction * 100); }

/// The first warning of a kind, and how many rows have one of it.
struct Doubt {
  std::string first;
  std::size_t line = 0;
  std::size_t rows = 0;
};

std::vector<std::string> warnings_about(std::span<const PredictedRow> rows) {
  std::map<std::string, Doubt> doubts;
  for (const PredictedRow& row : rows) {
    std::set<std::string> kinds;
    for (const std::string& warning : row.warnings) {
      const std::string kind = warning.substr(0, warning.find(':'));
      Doubt& doubt = doubts.try_emplace(kind, Doubt{warning, row.row->line, 0}).first->second;
      doubt.rows += kinds.insert(kind).second ? 1 : 0;
    }
  }
  std::vector<std::string> warnings;
  for (const auto& [kind, doubt] : doubts) {
    warnings.push_back(fmt::format("{} (line {}{})", doubt.first, doubt.line,
                                   doubt.rows == 1 ? "" : fmt::format("; {} rows in all", doubt.rows)));
  }
  return warnings;
}

// FLOP/s of one GPU that the model needed, at so many seconds per step.
double flops_per_gpu(const predict::TrainingRow& row, double step_s) {
  return predict::model_flops(row.model, row.mapping) / step_s / static_cast<double>(row.mapping.gpus());
}

std::vector<render::Column> row_columns() {
  using namespace render;
  return {data_column("line"),
          data_column("source"),
          text_column("name", "model"),
          number_column("gpus", "GPUs"),
          number_column("tp", "tp"),
          number_column("pp", "pp"),
          number_column("dp", "dp"),
          data_column("gpu"),
          number_column("measured_s", "measured (s)"),
          number_column("predicted_s", "predicted (s)"),
          number_column("predicted_low_s", "95 % interval"),
          data_column("predicted_high_s"),
          number_column("error_fraction", "off by (%)", with_sign),
          number_column("measured_flops_per_s_and_gpu", "measured Tflop/s per GPU", tera),
          number_column("predicted_flops_per_s_and_gpu", "predicted", tera),
          data_column("warnings")};
}

std::vector<Cell> row_cells(const PredictedRow& predicted) {
  const predict::TrainingRow& row = *predicted.row;
  const std::optional<double> measured = row.measured_s;
  const IntervalText text = interval_text(predicted.predicted_s(), predicted.interval_s);
  return {row.line,
          row.model.source,
          row.model.name,
          row.mapping.gpus(),
          row.mapping.tensor,
          row.mapping.pipeline,
          row.mapping.data,
          row.gpu,
          measured ? Cell(*measured) : Cell(),
          Cell(predicted.predicted_s()),
          Cell(predicted.interval_s.low).shown_as(text.interval),
          predicted.interval_s.high,
          measured ? Cell(predicted.error()) : Cell(),
          measured ? Cell(flops_per_gpu(row, *measured)) : Cell(),
          flops_per_gpu(row, predicted.predicted_s()),
          predicted.warnings};
}

Table rows_table(std::span<const PredictedRow> rows, bool is_shown) {
  Table table{.name = "rows", .columns = row_columns()};
  for (const PredictedRow& row : rows) {
    table.rows.push_back(row_cells(row));
  }
  if (is_shown) {
    table.title = "seconds per step";
    table.remarks.emplace_back("flop/s: what the model needs; recomputation is not counted");
    return table;
  }
  for (render::Column& column : table.columns) {
    column.shown = render::Shown::nowhere;
  }
  return table;
}

Table errors_table(std::string name, std::string what, const std::vector<predict::RowErrors>& errors) {
  Table table{.name = std::move(name), .title = std::move(what)};
  table.columns = {render::text_column("of", "of"),
                   render::number_column("rows", "rows"),
                   render::number_column("mean_fraction", "MAPE (%)", two_decimals),
                   render::number_column("bias_fraction", "bias (%)", with_sign),
                   render::number_column("median_fraction", "median (%)", two_decimals),
                   render::number_column("p95_fraction", "p95 (%)", two_decimals)};
  for (const predict::RowErrors& each : errors) {
    table.rows.push_back({each.name, each.rows, each.mean, each.signed_mean, each.median, each.p95});
  }
  return table;
}

void add_score(render::View& view, std::span<const PredictedRow> rows) {
  std::vector<predict::RowErrors> errors = predict::errors_by_source(rows);
  errors.push_back(predict::errors_of(rows, "all"));
  view.tables.push_back(errors_table("errors", "seconds per step, predicted against measured", errors));
  const double correlation = predict::rank_correlation(rows);
  view.facts.push_back({"rank_correlation", "", correlation});
  view.tables.back().remarks = {fmt::format("rank correlation (Spearman): {:.4f}", correlation)};
  view.tables.push_back(
      errors_table("ratios", "ratio of two rows that differ in one step", predict::ratio_errors(rows)));
  if (view.tables.back().rows.empty()) {
    view.tables.pop_back();
  }
}

}  // namespace

render::View rows_view(std::span<const PredictedRow> rows, const std::string& cost_model,
                       const std::map<std::string, std::string>& efficiencies, bool with_rows) {
  render::View view{.what = "row predictions", .version = "1.1.0", .main_table = "rows"};
  view.facts.push_back({"cost_model", "cost model", cost_model});
  for (const auto& [gpu, origin] : efficiencies) {
    view.facts.push_back({"efficiencies." + gpu, "efficiency of " + gpu, origin});
  }
  view.facts.push_back({"", "where a row has no column of its own", predict::usual_run});
  view.warnings = warnings_about(rows);
  view.tables.push_back(rows_table(rows, with_rows));
  if (std::any_of(rows.begin(), rows.end(), [](const PredictedRow& row) { return row.row->measured_s.has_value(); })) {
    add_score(view, rows);
  } else {
    view.notes.emplace_back("no row has a measured_s: nothing to compare with");
  }
  return view;
}

}  // namespace hockney::views
