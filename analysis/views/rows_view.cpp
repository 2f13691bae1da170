#include "views/rows_view.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <set>
#include <tuple>

#include "predict/step/step_prediction.hpp"
#include "render/forms.hpp"
#include "views/interval_text.hpp"
#include "views/row_notes.hpp"

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

/// Rows with the same kinds of warnings, and the first of them.
struct Alike {
  const PredictedRow* first = nullptr;
  std::size_t rows = 0;
};

// In order of their first rows.
std::vector<Alike> alike(std::span<const PredictedRow> rows) {
  using Key = std::tuple<const void*, const void*, predict::Fit, bool>;
  std::map<Key, std::size_t> numbers;
  std::vector<Alike> all;
  for (const PredictedRow& row : rows) {
    const auto [found, is_new] = numbers.try_emplace(
        Key{row.network_warnings.get(), row.step, row.memory.fit, row.is_taken_as_sharded()}, all.size());
    if (is_new) {
      all.push_back({&row, 0});
    }
    ++all[found->second].rows;
  }
  return all;
}

std::vector<std::string> warnings_about(std::span<const PredictedRow> rows, const std::vector<Alike>& kinds_of_rows) {
  std::map<std::string, Doubt> doubts;
  for (const Alike& each : kinds_of_rows) {
    std::set<std::string> kinds;
    for (const std::string& warning : each.first->warnings()) {
      const std::string kind = warning.substr(0, warning.find(':'));
      Doubt& doubt = doubts.try_emplace(kind, Doubt{warning, each.first->row->line, 0}).first->second;
      doubt.rows += kinds.insert(kind).second ? each.rows : 0;
    }
  }
  std::vector<const PredictedRow*> all;
  std::transform(rows.begin(), rows.end(), std::back_inserter(all), [](const PredictedRow& row) { return &row; });
  std::vector<std::string> warnings = assumptions_of(all);
  for (const auto& [kind, doubt] : doubts) {
    warnings.push_back(fmt::format("{} (line {}{})", doubt.first, doubt.line,
                                   doubt.rows == 1 ? "" : fmt::format("; {} rows in all", doubt.rows)));
  }
  return warnings;
}

// FLOP/s of one GPU that the model needed, at so many seconds per step.
double flops_per_gpu(const predict::StepRow& row, double step_s) {
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
          data_column("memory_verdict"),
          data_column("memory_bytes"),
          data_column("memory_margin_bytes"),
          data_column("warnings")};
}

std::vector<Cell> row_cells(const PredictedRow& predicted) {
  const predict::StepRow& row = *predicted.row;
  const std::optional<double> measured = row.measured_s;
  const std::optional<Interval>& interval = predicted.interval_s;
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
          interval ? Cell(interval->low).shown_as(interval_text(predicted.predicted_s(), *interval).interval) : Cell(),
          interval ? Cell(interval->high) : Cell(),
          measured ? Cell(predicted.error()) : Cell(),
          measured ? Cell(flops_per_gpu(row, *measured)) : Cell(),
          flops_per_gpu(row, predicted.predicted_s()),
          predicted.memory.fit,
          predicted.memory.needed,
          predicted.memory.margin(),
          predicted.warnings()};
}

Table rows_table(std::span<const PredictedRow> rows) {
  Table table{.name = "rows", .title = "seconds per step", .columns = row_columns()};
  table.remarks.emplace_back("flop/s: what the model needs; recomputation is not counted");
  for (const PredictedRow& row : rows) {
    table.rows.push_back(row_cells(row));
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
  const std::optional<double> correlation = predict::rank_correlation(rows);
  view.facts.push_back({"rank_correlation", "", correlation ? Cell(*correlation) : Cell()});
  view.tables.back().remarks = {
      fmt::format("rank correlation (Spearman): {}", correlation ? fmt::format("{:.4f}", *correlation) : "-")};
  if (rows.size() > predict::most_rows_with_ratios) {
    view.notes.push_back(fmt::format("ratios of rows that differ in one step: only of tables of up to {} rows",
                                     predict::most_rows_with_ratios));
    return;
  }
  view.tables.push_back(
      errors_table("ratios", "ratio of two rows that differ in one step", predict::ratio_errors(rows)));
  if (view.tables.back().rows.empty()) {
    view.tables.pop_back();
  }
}

// "megatron-2021 (28 rows)", by name.
std::vector<std::string> stacks_of(const std::vector<Alike>& kinds_of_rows) {
  std::map<std::string_view, std::size_t> counts;
  for (const Alike& each : kinds_of_rows) {
    counts[each.first->row->stack_name()] += each.rows;
  }
  std::vector<std::string> texts;
  for (const auto& [name, count] : counts) {
    texts.push_back(fmt::format("{} ({} rows)", name, count));
  }
  return texts;
}

}  // namespace

render::View rows_view(const predict::StepRows& read, std::span<const PredictedRow> rows, const std::string& cost_model,
                       const std::map<std::string, std::string>& efficiencies, bool with_rows) {
  const std::vector<Alike> kinds = alike(rows);
  render::View view{.what = "row predictions", .version = "1.3.0", .main_table = "rows"};
  view.facts.push_back({"cost_model", "cost model", cost_model});
  for (const auto& [gpu, origin] : efficiencies) {
    view.facts.push_back({"efficiencies." + gpu, "efficiency of " + gpu, origin});
  }
  view.facts.push_back({"", "where a row has no column of its own", predict::usual_step_run});
  view.facts.push_back({"stacks", "software stacks", stacks_of(kinds)});
  view.warnings = warnings_about(rows, kinds);
  add_skipped(view, read.skipped, std::span(&read.ignored_columns, read.ignored_columns.empty() ? 0 : 1));
  if (with_rows) {
    view.tables.push_back(rows_table(rows));
  }
  if (std::any_of(rows.begin(), rows.end(), [](const PredictedRow& row) { return row.row->measured_s.has_value(); })) {
    add_score(view, rows);
  } else {
    view.notes.emplace_back("no row has a measured_s: nothing to compare with");
  }
  return view;
}

}  // namespace hockney::views
