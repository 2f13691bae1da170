#include "views/scoreboard.hpp"

#include <fmt/format.h>

#include "views/summary_columns.hpp"
#include "views/validation_columns.hpp"

namespace hockney::views {
namespace {

using render::Cell;
using render::data_column;
using render::number_column;
using render::Table;

Table pooled_table(const fit::Scoreboard& board) {
  const cost::Validation& pooled = board.pooled;
  const auto row = [](const char* method, const cost::ErrorQuantiles* in_sample, const cost::ErrorQuantiles& left_out) {
    return std::vector<Cell>{method, in_sample == nullptr ? Cell() : Cell(errors_text(*in_sample)),
                             errors_text(left_out)};
  };
  Table table;
  table.title = fmt::format(
      "all curves; in sample: median over curves; left out: {} sizes, one at a time, pooled; {:.2f} segments a curve",
      pooled.held_out, board.segments_mean);
  table.columns = {number_column("", "method"), number_column("", "in sample (%)"),
                   number_column("", "size left out (%)")};
  table.rows = {row("piecewise", &pooled.in_sample, pooled.leave_one_out),
                row("  inside a segment", nullptr, pooled.inside_segment),
                row("  at a switch", nullptr, pooled.at_switch),
                row("bare segments", &pooled.in_sample, pooled.segments),
                row("log-log interpolation", nullptr, pooled.log_log),
                row("one weighted line", &pooled.single_line_in_sample, pooled.single_line),
                row("ordinary least squares", &pooled.least_squares_in_sample, pooled.least_squares)};
  table.remarks = {
      "piecewise: in sample the segments' lines; left out what the curve answers from the sizes that are "
      "left"};
  return table;
}

// Where an imported launch comes from says more than the name of the file it was stored in.
std::string_view short_launch(std::string_view label) {
  constexpr std::string_view words = "imported from ";
  const auto found = label.find(words);
  return found == std::string_view::npos ? label : label.substr(found + words.size());
}

// Names are too long for a column: each stands above its curve's row.
Table curve_table(const fit::Scoreboard& board) {
  Table table{.name = "by_curve", .lines = {""}};
  table.columns = {render::line_above("name"), data_column("launch"), number_column("sizes", "sizes"),
                   number_column("segments", "segments"), data_column("segments_capped")};
  append(table.columns, validation_columns(true));
  for (const fit::ScoredCurve& curve : board.curves) {
    auto& row = table.rows.emplace_back(std::vector<Cell>{
        Cell(curve.name).shown_as(fmt::format("{} [{}]", curve.name, short_launch(curve.launch))), curve.launch,
        curve.sizes, Cell(curve.segments).shown_as(fmt::format("{}{}", curve.segments, curve.capped ? "+" : "")),
        curve.capped});
    append(row, validation_cells(curve.validation));
  }
  return table;
}

}  // namespace

render::View scoreboard(const fit::Scoreboard& board) {
  const std::size_t curves = board.curves.size();
  render::View view{.what = "scoreboard", .version = "1.0.0", .main_table = "by_curve"};
  view.title = fmt::format("{} {}, errors |predicted / measured - 1|, median / 95th percentile", curves,
                           curves == 1 ? "curve" : "curves");
  view.facts = {{"curves", {}, curves}};
  append(view.facts, validation_facts(board.pooled));
  view.facts.push_back({"segments_mean", {}, board.segments_mean});
  view.tables = {curve_table(board), pooled_table(board)};
  view.notes = board.notes;
  return view;
}

}  // namespace hockney::views
