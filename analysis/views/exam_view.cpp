#include "views/exam_view.hpp"

#include <fmt/format.h>

namespace hockney::views {
namespace {

using render::Cell;
using render::Table;

std::string percent(double fraction) { return fmt::format("{:.1f}", fraction * 100); }
std::string signed_percent(double fraction) { return fmt::format("{:+.1f}", fraction * 100); }
std::string three_decimals(double value) { return fmt::format("{:.3f}", value); }

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
                   render::number_column("covered_fraction", "covered (%)", percent),
                   render::number_column("regret_fraction", "regret (%)", percent)};
  for (const predict::FamilyScore& score : predict::scores_of(result)) {
    table.rows.push_back({score.family, score.rows, score.mean, score.median, score.p95, score.bias,
                          score.uncalibrated_mean, score.rank_correlation, score.covered,
                          score.regret ? Cell(*score.regret) : Cell()});
  }
  return table;
}

Table rows_table(const predict::ExamResult& result) {
  Table table{.name = "rows"};
  for (const char* key : {"file", "line", "family", "name", "gpu", "precision", "stack", "measured_s", "predicted_s",
                          "predicted_low_s", "predicted_high_s", "uncalibrated_s", "error_fraction", "calibrates"}) {
    table.columns.push_back(render::data_column(key));
  }
  for (const predict::ExamAnswer& answer : result.answers) {
    const predict::ExamRow& row = *answer.row;
    table.rows.push_back({row.file, row.run.line, row.family, row.run.model.name, row.run.gpu, row.way.precision,
                          row.stack, *row.run.measured_s, answer.predicted_s, answer.interval_s.low,
                          answer.interval_s.high, answer.uncalibrated_s, answer.error(), answer.calibrates});
  }
  return table;
}

Table calibrations_table(const predict::ExamResult& result) {
  Table table{.name = "calibrations",
              .title =
                  "one row calibrates each GPU, precision and stack: dense before experts, fewest GPUs, "
                  "largest hidden size, shortest sequence, largest share of computation"};
  table.columns = {render::text_column("group", "GPU, precision, stack"), render::text_column("row", "row"),
                   render::number_column("efficiency", "efficiency", three_decimals)};
  for (const predict::ExamGroup& group : result.groups) {
    table.rows.push_back({group.name, group.place, group.efficiency ? Cell(*group.efficiency) : Cell()});
  }
  return table;
}

Table skipped_table(const predict::ExamResult& result) {
  Table table{.name = "skipped", .title = fmt::format("{} rows skipped", result.skipped.size())};
  table.columns = {render::text_column("row", "row"), render::text_column("reason", "reason")};
  for (const predict::SkippedRow& skipped : result.skipped) {
    table.rows.push_back({skipped.place, skipped.reason});
  }
  return table;
}

}  // namespace

render::View exam_view(const predict::ExamResult& result) {
  render::View view{.what = "exam", .version = "1.0.0", .main_table = "families"};
  view.facts = {{"predicted_rows", "rows predicted", result.answers.size()},
                {"skipped_rows", "rows skipped", result.skipped.size()}};
  view.tables = {families_table(result), rows_table(result), calibrations_table(result)};
  if (!result.skipped.empty()) {
    view.tables.push_back(skipped_table(result));
  }
  for (const predict::ExamGroup& group : result.groups) {
    if (!group.efficiency) {
      view.warnings.push_back(fmt::format("NOT CALIBRATED: {}: no efficiency from 1 % to 150 % of the peak meets {}",
                                          group.name, group.place));
    }
  }
  return view;
}

}  // namespace hockney::views
