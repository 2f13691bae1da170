#include "views/brief_costs.hpp"

#include <fmt/format.h>

#include "render/forms.hpp"
#include "views/interval_text.hpp"

namespace hockney::views {
namespace {

using render::Cell;
using render::data_column;
using render::number_column;
using render::text_column;

std::vector<render::Column> columns() {
  return {text_column("operation", "operation"),
          text_column("fabric", "over"),
          text_column("group", "group"),
          text_column("mode", "mode"),
          text_column("in_place", "in place"),
          data_column("curve"),
          data_column("machine"),
          number_column("alpha_s", "alpha (us)"),
          number_column("alpha_lo_s", "95 % interval (us)"),
          data_column("alpha_hi_s"),
          number_column("rate_bytes_per_s", "1/beta (GB/s)"),
          number_column("rate_lo_bytes_per_s", "95 % interval (GB/s)"),
          data_column("rate_hi_bytes_per_s"),
          number_column("from_bytes", "from", render::bytes),
          number_column("share_of_line_rate", "% of line rate", render::percentage),
          data_column("line_rate_bytes_per_s"),
          data_column("basis"),
          {"", "basis", nullptr, Align::left, render::Shown::as_number}};
}

std::optional<double> share_of(const cost::CostCurve& curve, BytesPerSecond line) {
  Case point = curve.shape;
  point.payload = curve.segments.back().to;
  const auto factor = wire_factor(point);
  const double beta = curve.segments.back().beta_s_per_byte;
  return factor && beta > 0 ? std::optional(*factor / beta / line.value) : std::nullopt;
}

std::vector<Cell> cells_of(const cost::CostCurve& curve, const LineRates& rates) {
  const cost::AlphaBeta& first = curve.segments.front();
  const cost::AlphaBeta& last = curve.segments.back();
  const IntervalText alpha = alpha_text(first);
  const IntervalText rate = rate_text(last);
  const auto line = rates.of(curve.machine, curve.shape);
  const auto share = line ? share_of(curve, *line) : std::nullopt;
  return {curve.shape.operation,
          curve.shape.fabric,
          to_string(curve.shape.group),
          curve.shape.mode,
          curve.shape.in_place,
          curve.name(),
          curve.machine,
          Cell(first.alpha_s).shown_as(alpha.value),
          Cell(first.alpha_interval_s.low).shown_as(alpha.interval),
          first.alpha_interval_s.high,
          Cell(1 / last.beta_s_per_byte).shown_as(rate.value),
          Cell(1 / last.beta_interval_s_per_byte.high).shown_as(rate.interval),
          1 / last.beta_interval_s_per_byte.low,
          last.from,
          share ? Cell(*share) : Cell(),
          line ? Cell(*line) : Cell(),
          curve.basis,
          "interval basis: " + basis_text(curve)};
}

}  // namespace

render::View brief_costs(const cost::CostModel& model, const LineRates& rates) {
  render::View view{.what = "costs", .version = "1.0.0", .main_table = "costs"};
  render::Table table{.name = "costs", .columns = columns()};
  for (const cost::CostCurve& curve : model.curves) {
    table.rows.push_back(cells_of(curve, rates));
  }
  table.remarks = {"alpha: of the smallest messages. 1/beta: of messages from the size named after it on"};
  const auto sources = rates.sources();
  table.remarks.insert(table.remarks.end(), sources.begin(), sources.end());
  if (sources.empty()) {
    table.remarks.emplace_back(
        "line rate: not known; name one with --platform (hockney compare --platforms lists them)");
  }
  view.warnings = describe(model.flags());
  view.tables.push_back(std::move(table));
  return view;
}

}  // namespace hockney::views
