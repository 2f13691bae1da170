#include "views/exam_view.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

#include "views/row_notes.hpp"

namespace hockney::views {
namespace {

using render::Cell;
using render::Table;

std::string percent(double fraction) { return fmt::format("{:.1f}", fraction * 100); }
std::string signed_percent(double fraction) { return fmt::format("{:+.1f}", fraction * 100); }
std::string three_decimals(double value) { return fmt::format("{:.3f}", value); }

Cell known(const std::optional<double>& value) { return value ? Cell(*value) : Cell(); }

// "18 of 20 (70-97 %)"
std::string covered_text(const predict::FamilyScore& score) {
  const Interval range = score.covered_range();
  return fmt::format("{} of {} ({:.0f}-{:.0f} %)", score.covered, score.rows, 100 * range.low, 100 * range.high);
}

Table families_table(const predict::ExamResult& result) {
  Table table{.name = "families", .title = "seconds per step, predicted against measured; calibrating rows left out"};
  table.columns = {render::text_column("family", "family"),
                   render::number_column("rows", "rows"),
                   render::number_column("mean_fraction", "MAPE (%)", percent),
                   render::number_column("median_fraction", "median (%)", percent),
                   render::number_column("p95_fraction", "p95 (%)", percent),
                   render::number_column("bias_fraction", "bias (%)", signed_percent),
                   render::number_column("uncalibrated_mean_fraction", "uncalibrated MAPE (%)", percent),
                   render::number_column("rank_correlation", "rank correlation", three_decimals),
                   render::number_column("covered_fraction", "covered (95 % range)", percent),
                   render::data_column("covered_rows"),
                   render::data_column("covered_low_fraction"),
                   render::data_column("covered_high_fraction"),
                   render::number_column("uncalibrated_covered_rows", "uncalibrated covered (rows)"),
                   render::number_column("regret_fraction", "regret (%)", percent),
                   render::number_column("said_to_fit_fraction", "said to fit (%)", percent),
                   render::number_column("assumed_nic_rows", "NIC assumed (rows)")};
  table.remarks = {
      "covered: rows whose 95 % interval holds what was measured, and the share of all such rows that so many "
      "tell of, as if they erred independently",
      "rank correlation, regret: '-' where there is nothing to rank or to choose",
      "said to fit: in memory, as what ran did; of the rows that state their recomputation"};
  for (const predict::FamilyScore& score : predict::scores_of(result)) {
    table.rows.push_back({score.family, score.rows, score.mean, score.median, score.p95, score.bias,
                          score.uncalibrated_mean, known(score.rank_correlation),
                          Cell(score.covered_fraction()).shown_as(covered_text(score)), score.covered,
                          score.covered_range().low, score.covered_range().high, score.uncalibrated_covered,
                          known(score.regret), known(score.said_to_fit), score.nics_assumed});
  }
  return table;
}

Table rows_table(const predict::ExamResult& result) {
  Table table{.name = "rows"};
  for (const char* key : {"file",
                          "line",
                          "family",
                          "name",
                          "kind",
                          "gpu",
                          "precision",
                          "stack",
                          "measured_s",
                          "predicted_s",
                          "predicted_low_s",
                          "predicted_high_s",
                          "uncalibrated_s",
                          "uncalibrated_low_s",
                          "uncalibrated_high_s",
                          "error_fraction",
                          "calibrates",
                          "memory_verdict",
                          "memory_bytes",
                          "memory_margin_bytes",
                          "nic_assumed",
                          "taken_otherwise"}) {
    table.columns.push_back(render::data_column(key));
  }
  for (const predict::ExamAnswer& answer : result.answers) {
    const predict::StepRow& row = answer.row();
    table.rows.push_back({answer.place.substr(0, answer.place.rfind(':')),
                          row.line,
                          answer.family,
                          row.model.name,
                          predict::kind_name(row.kind()),
                          row.gpu,
                          row.way.precision,
                          row.stack_name(),
                          answer.measured_s(),
                          answer.predicted_s,
                          answer.interval_s.low,
                          answer.interval_s.high,
                          answer.alone.predicted_s(),
                          answer.alone.interval_s->low,
                          answer.alone.interval_s->high,
                          answer.error(),
                          answer.calibrates,
                          answer.alone.memory.fit,
                          answer.alone.memory.needed,
                          answer.alone.memory.margin(),
                          answer.alone.assumes_nic,
                          render::known(row.taken_otherwise())});
  }
  return table;
}

Table calibrations_table(const predict::ExamResult& result) {
  Table table{.name = "calibrations",
              .title =
                  "one row calibrates each GPU, precision and stack: dense before experts, whole before sharded "
                  "parameters, stacks before their variants, then the one nearest to all others in sizes"};
  table.columns = {render::text_column("group", "GPU, precision, stack"), render::text_column("row", "row"),
                   render::number_column("efficiency", "efficiency", three_decimals)};
  for (const predict::ExamGroup& group : result.groups) {
    table.rows.push_back({group.name, group.place, known(group.efficiency)});
  }
  return table;
}

// What was assumed of rows beyond what their table says.
std::vector<std::string> assumptions(const predict::ExamResult& result) {
  std::vector<const predict::PredictedRow*> rows;
  std::transform(result.answers.begin(), result.answers.end(), std::back_inserter(rows),
                 [](const predict::ExamAnswer& each) { return &each.alone; });
  return assumptions_of(rows);
}

}  // namespace

render::View exam_view(const predict::ExamResult& result) {
  render::View view{.what = "exam", .version = "2.3.0", .main_table = "families"};
  view.facts = {{"predicted_rows", "rows predicted", result.answers.size()},
                {"assumed_nic_bytes_per_s_per_gpu", "", predict::usual_nic_bytes_per_s_per_gpu}};
  view.tables = {families_table(result), rows_table(result), calibrations_table(result)};
  add_skipped(view, result.skipped, result.ignored_columns);
  view.warnings = assumptions(result);
  for (const predict::ExamGroup& group : result.groups) {
    if (!group.efficiency) {
      view.warnings.push_back(fmt::format("NOT CALIBRATED: {}: no efficiency from 1 % to 150 % of the peak meets {}",
                                          group.name, group.place));
    }
  }
  return view;
}

}  // namespace hockney::views
