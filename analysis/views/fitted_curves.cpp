#include "views/fitted_curves.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

#include "base/number.hpp"
#include "render/forms.hpp"
#include "views/interval_text.hpp"
#include "views/software_apart.hpp"
#include "views/summary_columns.hpp"
#include "views/validation_columns.hpp"

namespace hockney::views {
namespace {

using render::Cell;
using render::data_column;
using render::number_column;
using render::Table;
using Lines = std::vector<std::string>;

std::string percents(const cost::ErrorQuantiles& errors) {
  return fmt::format("{} / {} %", percent(errors.median), percent(errors.p95));
}

std::string counted(std::size_t count, std::string_view singular, std::string_view plural) {
  return fmt::format("{} {}", count, count == 1 ? singular : plural);
}

// A line through as many points as it has parameters meets them all, right or wrong.
bool is_tested(const cost::AlphaBeta& segment) { return segment.points > 2; }

std::vector<Cell> segment_cells(const cost::CostCurve& curve, const cost::AlphaBeta& segment) {
  const IntervalText alpha = alpha_text(segment);
  const IntervalText rate = rate_text(segment);
  const Interval beta_s_per_byte = segment.beta_interval_s_per_byte;
  return {curve.name(),
          curve.machine,
          segment.from,
          segment.to,
          Cell(segment.alpha_s).shown_as(alpha.value),
          Cell(segment.alpha_interval_s.low).shown_as(alpha.interval),
          segment.alpha_interval_s.high,
          Cell(segment.beta_s_per_byte).shown_as(rate.value),
          Cell(beta_s_per_byte.low).shown_as(rate.interval),
          beta_s_per_byte.high,
          Cell(segment.residual_median)
              .shown_as(is_tested(segment)
                            ? fmt::format("{}, {}", percent(segment.residual_median), percent(segment.residual_max))
                            : "not tested"),
          segment.residual_max,
          segment.points,
          curve.shape.software};
}

std::string border_text(const cost::Border& border, bool resampled) {
  if (border.exact) {
    return fmt::format("exactly at {}", to_string(border.before));
  }
  std::string text = fmt::format("{} .. {}", to_string(border.after), to_string(border.before));
  if (border.forced) {
    text += " (labels differ)";
  }
  if (resampled && (border.earliest < border.after || border.before < border.latest)) {
    text += fmt::format(" (resampled: {} .. {})", to_string(border.earliest), to_string(border.latest));
  }
  return text;
}

void add_borders(Lines& lines, const cost::CostCurve& curve) {
  Lines borders;
  for (const cost::Border& border : curve.borders) {
    borders.push_back(border_text(border, curve.resamples > 0));
  }
  if (!borders.empty()) {
    lines.push_back(fmt::format("switches: {}", fmt::join(borders, ", ")));
  }
  if (curve.resamples > 0) {
    lines.push_back(fmt::format("{} in {:.0f} % of {} resamples of the launches",
                                counted(curve.segments.size(), "segment", "segments"), 100 * curve.k_stability,
                                curve.resamples));
  }
}

void add_errors(Lines& parts, std::string_view what, const cost::ErrorQuantiles& errors) {
  if (errors.count > 0) {
    parts.push_back(fmt::format("{} {}", what, percents(errors)));
  }
}

void add_validation(Lines& lines, const cost::Validation& validation) {
  if (validation.held_out == 0) {
    lines.emplace_back("leave-one-size-out error: none, a curve needs three payloads for it");
  } else {
    Lines own;
    add_errors(own, "curve", validation.leave_one_out);
    add_errors(own, "inside segments", validation.inside_segment);
    add_errors(own, "at switches", validation.at_switch);
    Lines others;
    add_errors(others, "bare segments", validation.segments);
    add_errors(others, "log-log interpolation", validation.log_log);
    add_errors(others, "one straight line", validation.single_line);
    lines.push_back(
        fmt::format("leave-one-size-out error, median / 95th percentile over {} sizes:", validation.held_out));
    lines.push_back(fmt::format("  {}", fmt::join(own, ", ")));
    lines.push_back(fmt::format("  {}", fmt::join(others, ", ")));
  }
  Lines more;
  add_errors(more, "leave-one-launch-out error", validation.leave_one_launch_out);
  add_errors(more, "off-grid sizes held out", validation.off_grid);
  if (!more.empty()) {
    lines.push_back(fmt::format("{}", fmt::join(more, ", ")));
  }
}

std::string title_of(const cost::CostCurve& curve) {
  const Case& shape = curve.shape;
  return fmt::format("{} over {}, {}, mode {}{}{}", name_of(shape.operation), name_of(shape.fabric),
                     to_string(shape.group), name_of(shape.mode), shape.in_place ? ", in place" : "",
                     curve.machine.empty() ? "" : ", on " + curve.machine);
}

Lines heading_lines(const cost::CostCurve& curve, bool with_basis, const SoftwareApart& apart) {
  Lines lines{curve.name()};
  append(lines, describe(curve.flags));
  const auto add = [&lines](bool is_told, std::string line) {
    if (is_told) {
      lines.push_back(std::move(line));
    }
  };
  add(curve.flags.bits != 0, fmt::format("flags: {}", to_string(curve.flags)));
  add(apart.is_needed(), fmt::format("software: {}", apart.told(curve.shape.software)));
  add(!curve.source.empty(), fmt::format("source: {}", curve.source));
  add(curve.statistic != Statistic::max_over_ranks, fmt::format("statistic: {}", name_of(curve.statistic)));
  add(with_basis, "interval basis: " + basis_text(curve));
  return lines;
}

Table segment_table(const cost::CostCurve& curve, bool with_basis, const SoftwareApart& apart) {
  Table table{.name = "segments", .title = title_of(curve), .lines = heading_lines(curve, with_basis, apart)};
  table.columns = {data_column("curve"),
                   data_column("machine"),
                   number_column("from_bytes", "from", render::bytes),
                   number_column("to_bytes", "to", render::bytes),
                   number_column("alpha_s", "alpha (us)"),
                   number_column("alpha_lo_s", "95 % interval (us)"),
                   data_column("alpha_hi_s"),
                   number_column("beta_s_per_byte", "1/beta (GB/s)"),
                   number_column("beta_lo_s_per_byte", "95 % interval (GB/s)"),
                   data_column("beta_hi_s_per_byte"),
                   number_column("residual_median_fraction", "residual, max (%)"),
                   data_column("residual_max_fraction"),
                   number_column("points", "points"),
                   data_column("software")};
  for (const cost::AlphaBeta& segment : curve.segments) {
    table.rows.push_back(segment_cells(curve, segment));
  }
  if (!std::all_of(curve.segments.begin(), curve.segments.end(), is_tested)) {
    table.remarks.emplace_back("not tested: a line through two points; measure payloads between them");
  }
  if (curve.segments_capped) {
    table.remarks.push_back(
        fmt::format("the search ended at {} segments; more might fit better", curve.segments.size()));
  }
  add_borders(table.remarks, curve);
  add_validation(table.remarks, curve.validation);
  return table;
}

Table curve_table(const cost::CostModel& model) {
  Table table{.name = "curves"};
  for (const char* key :
       {"name", "machine", "operation", "fabric", "group.ranks", "group.ranks_per_node", "mode", "source", "flags",
        "statistic", "basis", "launches", "segments", "segments_capped", "k_stability", "resamples"}) {
    table.columns.push_back(data_column(key));
  }
  append(table.columns, validation_columns(false));
  table.columns.push_back(data_column("software"));
  for (const cost::CostCurve& curve : model.curves) {
    const Case& shape = curve.shape;
    auto& row = table.rows.emplace_back(std::vector<Cell>{
        curve.name(), curve.machine, shape.operation, shape.fabric, shape.group.ranks, shape.group.ranks_per_node,
        shape.mode, curve.source, to_string(curve.flags), curve.statistic, curve.basis, curve.launches,
        curve.segments.size(), curve.segments_capped, curve.k_stability, curve.resamples});
    append(row, validation_cells(curve.validation));
    row.emplace_back(shape.software);
  }
  return table;
}

Table switch_table(const cost::CostModel& model) {
  Table table{.name = "switches"};
  for (const char* key : {"curve", "machine", "after_bytes", "before_bytes", "labels_differ", "exact", "earliest_bytes",
                          "latest_bytes"}) {
    table.columns.push_back(data_column(key));
  }
  for (const cost::CostCurve& curve : model.curves) {
    for (const cost::Border& border : curve.borders) {
      table.rows.push_back({curve.name(), curve.machine, border.after, border.before, border.forced, border.exact,
                            border.earliest, border.latest});
    }
  }
  return table;
}

SoftwareApart software_apart(const cost::CostModel& model) {
  std::set<std::string> software;
  for (const cost::CostCurve& curve : model.curves) {
    software.insert(curve.shape.software);
  }
  return SoftwareApart(software);
}

std::set<std::string> bases_of(const cost::CostModel& model) {
  std::set<std::string> bases;
  for (const cost::CostCurve& curve : model.curves) {
    bases.insert("interval basis: " + basis_text(curve));
  }
  return bases;
}

Lines warnings_of(const cost::CostModel& model) {
  Lines warnings = describe(model.flags());
  for (const StatedLineRate& rate : model.line_rates) {
    warnings.push_back(warning_about(rate));
  }
  return warnings;
}

}  // namespace

render::View fitted_curves(const fit::CampaignFit& fit) {
  const cost::CostModel& model = fit.model;
  render::View view{.what = "fit", .version = "1.0.0", .main_table = "segments"};
  view.title = fmt::format("cost model {}: {} from {}", model.name, counted(model.curves.size(), "curve", "curves"),
                           counted(model.sources.size(), "launch", "launches"));
  for (const std::string& source : model.sources) {
    view.title += fmt::format("\n  {}", source);
  }
  view.warnings = warnings_of(model);
  const std::set<std::string> bases = bases_of(model);
  const SoftwareApart apart = software_apart(model);
  view.tables.push_back({.lines = Lines(bases.begin(), bases.end())});
  for (const cost::CostCurve& curve : model.curves) {
    view.tables.push_back(segment_table(curve, bases.size() > 1, apart));
  }
  view.tables.push_back(curve_table(model));
  view.tables.push_back(switch_table(model));
  view.notes = fit.notes;
  return view;
}

}  // namespace hockney::views
