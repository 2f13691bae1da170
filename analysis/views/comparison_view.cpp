#include "views/comparison_view.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>

#include "base/number.hpp"
#include "record/software.hpp"
#include "render/forms.hpp"
#include "views/interval_text.hpp"
#include "views/ratio_cells.hpp"

namespace hockney::views {
namespace {

using compare::Comparison;
using compare::CurveComparison;
using compare::PointComparison;
using compare::Ratio;
using compare::SegmentComparison;
using compare::Verdict;
using render::Cell;
using render::data_column;
using render::number_column;
using render::Table;
using render::text_column;
using Lines = std::vector<std::string>;
using MaybePlatform = std::optional<platform::Platform>;

Case at(const compare::SideCurve& side, Bytes payload) {
  Case point = side.curve.shape;
  point.payload = payload;
  return point;
}

std::optional<double> busbw_of(const Case& point, double time_s) {
  const std::optional<double> factor = wire_factor(point);
  return factor ? std::optional(*factor * static_cast<double>(point.payload.count) / time_s) : std::nullopt;
}

Cell busbw_cell(const Case& point, double time_s) {
  const std::optional<double> busbw = busbw_of(point, time_s);
  return busbw ? Cell(*busbw) : Cell();
}

Cell share_cell(const MaybePlatform& platform, const Case& point, double time_s) {
  const std::optional<double> busbw = busbw_of(point, time_s);
  const auto line = platform ? platform->line_rate(point) : std::nullopt;
  return busbw && line ? Cell(*busbw / line->value) : Cell();
}

std::vector<Cell> point_cells(const CurveComparison& curve, const PointComparison& point,
                              const ComparedPlatforms& platforms) {
  const Case a = at(curve.a, point.payload);
  const Case b = at(curve.b, point.payload);
  return {curve.a.curve.name(),
          a.operation,
          a.fabric,
          b.fabric,
          a.group.ranks,
          b.group.ranks,
          point.payload,
          point.a_s,
          point.b_s,
          ratio_cell(point.ratio),
          low_cell(point.ratio),
          high_cell(point.ratio),
          point.verdict,
          busbw_cell(a, point.a_s),
          busbw_cell(b, point.b_s),
          share_cell(platforms.a, a, point.a_s),
          share_cell(platforms.b, b, point.b_s),
          point.launches_a,
          point.launches_b,
          point.ratio.interval ? Cell(point.p_if_equal) : Cell(),
          point.ratio.interval ? Cell(point.p_if_apart) : Cell()};
}

render::Column share_column(std::string key, std::string heading, const MaybePlatform& platform) {
  return platform ? number_column(std::move(key), std::move(heading), render::percentage) : data_column(std::move(key));
}

std::vector<render::Column> point_columns(const ComparedPlatforms& platforms) {
  return {data_column("curve"),
          data_column("operation"),
          data_column("fabric_a"),
          data_column("fabric_b"),
          data_column("ranks_a"),
          data_column("ranks_b"),
          number_column("payload_bytes", "payload", render::bytes),
          number_column("a_s", "A (us)", render::microseconds),
          number_column("b_s", "B (us)", render::microseconds),
          number_column("ratio", "B / A"),
          number_column("ratio_lo", "95 % interval"),
          data_column("ratio_hi"),
          text_column("verdict", "verdict"),
          number_column("busbw_a_bytes_per_s", "A busbw (GB/s)", render::gigabytes_per_second),
          number_column("busbw_b_bytes_per_s", "B busbw (GB/s)", render::gigabytes_per_second),
          share_column("line_share_a_fraction", "A of line (%)", platforms.a),
          share_column("line_share_b_fraction", "B of line (%)", platforms.b),
          data_column("launches_a"),
          data_column("launches_b"),
          data_column("p_if_equal"),
          data_column("p_if_apart")};
}

// "nvswitch", or of two sides that differ "A nvswitch, B nvlink".
template <class Value>
std::string of_both(const Value& a, const Value& b) {
  return a == b ? fmt::format("{}", a) : fmt::format("A {}, B {}", a, b);
}

std::string title_of(const CurveComparison& curve) {
  const Case& a = curve.a.curve.shape;
  const Case& b = curve.b.curve.shape;
  return fmt::format("{} over {}: {}, mode {}{}", name_of(a.operation), of_both(name_of(a.fabric), name_of(b.fabric)),
                     of_both(to_string(a.group), to_string(b.group)), name_of(a.mode), a.in_place ? ", in place" : "");
}

std::string counted_launches(const compare::SideCurve& side) {
  const std::size_t count = side.launches.size();
  return count == 0 ? "a cost model" : fmt::format("{} {}", count, count == 1 ? "launch" : "launches");
}

void add_software(Lines& lines, const CurveComparison& curve) {
  const std::array<std::string, 2> software{curve.a.curve.shape.software, curve.b.curve.shape.software};
  if (software[0] != software[1]) {
    const std::vector<std::string> apart = differences(software);
    const auto told = [&](std::size_t side) { return software[side].empty() ? "not told" : apart[side]; };
    lines.push_back(fmt::format("software differs: A {}; B {}", told(0), told(1)));
  }
}

void add_flags(Lines& lines, std::string_view side, const cost::CostCurve& curve) {
  if (curve.flags.bits != 0) {
    lines.push_back(fmt::format("flags of {}: {}", side, to_string(curve.flags)));
  }
  if (!curve.source.empty()) {
    lines.push_back(fmt::format("source of {}: {}", side, curve.source));
  }
}

Lines lines_of(const CurveComparison& curve) {
  Lines lines{fmt::format("{}; A {}, B {}", of_both(curve.a.curve.name(), curve.b.curve.name()),
                          counted_launches(curve.a), counted_launches(curve.b))};
  add_software(lines, curve);
  add_flags(lines, "A", curve.a.curve);
  add_flags(lines, "B", curve.b.curve);
  return lines;
}

Table point_table(const CurveComparison& curve, const ComparedPlatforms& platforms) {
  Table table{.name = "points", .title = title_of(curve), .lines = lines_of(curve)};
  table.columns = point_columns(platforms);
  for (const PointComparison& point : curve.points) {
    table.rows.push_back(point_cells(curve, point, platforms));
  }
  return table;
}

// What beta says of the rate; of beta 0 nothing.
Cell rate_cell(const cost::AlphaBeta& segment) {
  const double beta = segment.beta_s_per_byte;
  return Cell(beta).shown_as(beta > 0 ? render::gigabytes_per_second(1 / beta) : "-");
}

std::vector<Cell> segment_cells(const CurveComparison& curve, const SegmentComparison& segment) {
  return {curve.a.curve.name(),
          segment.from,
          segment.to,
          segment.a.alpha_s,
          segment.b.alpha_s,
          ratio_cell(segment.alpha),
          low_cell(segment.alpha),
          high_cell(segment.alpha),
          rate_cell(segment.a),
          rate_cell(segment.b),
          ratio_cell(segment.beta),
          low_cell(segment.beta),
          high_cell(segment.beta)};
}

Table segment_table(const CurveComparison& curve) {
  Table table{.name = "segments"};
  table.columns = {data_column("curve"),
                   number_column("from_bytes", "from", render::bytes),
                   number_column("to_bytes", "to", render::bytes),
                   number_column("alpha_a_s", "A alpha (us)", render::microseconds),
                   number_column("alpha_b_s", "B alpha (us)", render::microseconds),
                   number_column("alpha_ratio", "B / A"),
                   number_column("alpha_ratio_lo", "95 % interval"),
                   data_column("alpha_ratio_hi"),
                   number_column("beta_a_s_per_byte", "A 1/beta (GB/s)"),
                   number_column("beta_b_s_per_byte", "B 1/beta (GB/s)"),
                   number_column("beta_ratio", "beta B / A"),
                   number_column("beta_ratio_lo", "95 % interval"),
                   data_column("beta_ratio_hi")};
  for (const SegmentComparison& segment : curve.segments) {
    table.rows.push_back(segment_cells(curve, segment));
  }
  if (!table.rows.empty()) {
    table.lines.emplace_back("segments of both over the same payloads:");
  }
  return table;
}

Table curve_table(const Comparison& comparison) {
  Table table{.name = "curves"};
  for (const char* key :
       {"curve_a", "curve_b", "operation", "fabric_a", "fabric_b", "machine_a", "machine_b", "launches_a", "launches_b",
        "software_a", "software_b", "flags_a", "flags_b", "source_a", "source_b", "statistic"}) {
    table.columns.push_back(data_column(key));
  }
  for (const CurveComparison& each : comparison.curves) {
    const cost::CostCurve& a = each.a.curve;
    const cost::CostCurve& b = each.b.curve;
    table.rows.push_back({a.name(), b.name(), a.shape.operation, a.shape.fabric, b.shape.fabric, a.machine, b.machine,
                          each.a.launches.size(), each.b.launches.size(), a.shape.software, b.shape.software,
                          to_string(a.flags), to_string(b.flags), a.source, b.source, a.statistic});
  }
  return table;
}

Flags flags_of(const Comparison& comparison, const compare::SideCurve CurveComparison::*side) {
  Flags flags;
  for (const CurveComparison& curve : comparison.curves) {
    flags.bits |= (curve.*side).curve.flags.bits;
  }
  return flags;
}

std::size_t points_in(const Comparison& comparison) {
  std::size_t points = 0;
  for (const CurveComparison& curve : comparison.curves) {
    points += curve.points.size();
  }
  return points;
}

std::string_view method_of(const Comparison& comparison) {
  return comparison.in_pairs ? "Student's t of launches in pairs" : "Welch";
}

bool has_intervals(const Comparison& comparison) {
  return has_verdicts(comparison) ||
         std::any_of(comparison.curves.begin(), comparison.curves.end(), [](const CurveComparison& curve) {
           return std::any_of(curve.segments.begin(), curve.segments.end(), [](const SegmentComparison& segment) {
             return (segment.alpha && segment.alpha->interval) || (segment.beta && segment.beta->interval);
           });
         });
}

Lines warnings_of(const Comparison& comparison) {
  Lines warnings;
  const Flags a = flags_of(comparison, &CurveComparison::a);
  const Flags b = flags_of(comparison, &CurveComparison::b);
  for (const std::string& text : describe(a)) {
    warnings.push_back(fmt::format("A is {}", text));
  }
  for (const std::string& text : describe(b)) {
    warnings.push_back(fmt::format("B is {}", text));
  }
  if (const std::size_t bare = count(comparison, Verdict::no_spread); bare > 0) {
    warnings.push_back(
        fmt::format("NO SPREAD: {} of {} points have {}: ratios without intervals and verdicts; nobody knows what "
                    "another launch would say",
                    bare, points_in(comparison), reason_without_spread(comparison)));
  }
  return warnings;
}

std::string side_text(const std::string& name, const std::string& machine, const MaybePlatform& platform) {
  std::string text = name;
  text += machine.empty() || machine == name || name == "reference:" + machine ? "" : fmt::format(", on {}", machine);
  return platform ? fmt::format("{} (line rates of {})", text, platform->title) : text;
}

std::string verdict_text(const Comparison& comparison) {
  std::string text;
  for (const auto& [verdict, name] : compare::VerdictNames::table) {
    if (const std::size_t found = count(comparison, verdict); found > 0) {
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", found, name);
    }
  }
  return text;
}

render::View head_of(const Comparison& comparison, const ComparedPlatforms& platforms) {
  render::View view{.what = "comparison", .version = "1.0.0", .main_table = "points"};
  view.facts = {
      {"a", "A", Cell(comparison.name_a).shown_as(side_text(comparison.name_a, comparison.machine_a, platforms.a))},
      {"b", "B", Cell(comparison.name_b).shown_as(side_text(comparison.name_b, comparison.machine_b, platforms.b))},
      {"margin_fraction", "margin", Cell(comparison.margin).shown_as(fmt::format("{} %", percent(comparison.margin)))}};
  view.warnings = warnings_of(comparison);
  return view;
}

void add_points(render::View& view, const Comparison& comparison, const ComparedPlatforms& platforms,
                bool with_segments) {
  for (const CurveComparison& curve : comparison.curves) {
    view.tables.push_back(point_table(curve, platforms));
    if (with_segments) {
      view.tables.push_back(segment_table(curve));
    }
  }
  if (comparison.curves.empty()) {
    view.tables.push_back({.name = "points"});
  }
}

}  // namespace

render::View comparison_view(const Comparison& comparison, const ComparedPlatforms& platforms) {
  render::View view = head_of(comparison, platforms);
  if (!comparison.curves.empty()) {
    view.facts.push_back({"verdicts", "verdicts", verdict_text(comparison)});
  }
  add_points(view, comparison, platforms, true);
  view.tables.push_back(curve_table(comparison));
  if (has_intervals(comparison)) {
    view.notes.push_back(fmt::format(
        "95 % intervals are of one ratio each, over launches ({}); verdicts are corrected for the number of points "
        "(Holm), so an interval beside 1 alone is no verdict",
        method_of(comparison)));
  }
  if ((platforms.a || platforms.b) && !comparison.curves.empty()) {
    view.notes.emplace_back(
        "of line: bus bandwidth over what the links carry by their data sheet. It counts the bytes of a ring: trees "
        "between two nodes and switches that reduce move fewer, and can pass 100 %");
  }
  view.notes.insert(view.notes.end(), comparison.notes.begin(), comparison.notes.end());
  return view;
}

std::string_view reason_without_spread(const Comparison& comparison) {
  return comparison.in_pairs ? "fewer than two launches that measured both fabrics, or such that agree in every digit"
                             : "fewer than two launches on a side, or such that agree in every digit";
}

render::View regressions_view(const Comparison& comparison, const ComparedPlatforms& platforms) {
  render::View view = head_of(comparison, platforms);
  const Comparison slower = regressions(comparison);
  view.facts.push_back(
      {"slower_points", "slower",
       Cell(points_in(slower)).shown_as(fmt::format("{} of {} points", points_in(slower), points_in(comparison)))});
  add_points(view, slower, platforms, false);
  return view;
}

render::View platforms_view(const std::vector<platform::Platform>& platforms) {
  render::View view{.what = "platforms", .version = "1.0.0", .main_table = "platforms"};
  Table& table = view.tables.emplace_back(Table{.name = "platforms"});
  table.columns = {text_column("name", "platform"),
                   text_column("title", "what it is"),
                   number_column("gpus_per_node", "GPUs"),
                   number_column("gpu_memory_bytes", "HBM (GiB)", render::gibibytes),
                   number_column("gpu_memory_bytes_per_s", "HBM (GB/s)", render::gigabytes_per_second),
                   text_column("inner_fabric", "inside"),
                   number_column("inner_bytes_per_s", "GB/s per GPU", render::gigabytes_per_second),
                   text_column("outer_fabric", "between"),
                   number_column("nics_per_node", "NICs"),
                   number_column("nic_bytes_per_s", "GB/s each", render::gigabytes_per_second),
                   text_column("price", "list price (USD)"),
                   text_column("price_date", "of"),
                   data_column("price_source"),
                   data_column("source")};
  for (const platform::Platform& each : platforms) {
    const auto& price = each.price;
    table.rows.push_back({each.name, each.title, each.gpus_per_node, each.gpu_memory, each.gpu_memory_rate,
                          each.inner_fabric, each.inner_rate, each.outer_fabric, each.nics_per_node, each.nic_rate,
                          price ? Cell(price->text()) : Cell(), price ? Cell(price->date) : Cell(),
                          price ? Cell(price->source) : Cell(), each.source});
  }
  table.remarks.emplace_back(
      "rates in one direction; sources with --json; a price is what somebody asked at that time");
  return view;
}

}  // namespace hockney::views
