#include "views/cost_curves.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

#include "base/error.hpp"
#include "cost/segments.hpp"
#include "render/plot/axis.hpp"
#include "render/plot/heading.hpp"
#include "views/curve_names.hpp"
#include "views/interval_text.hpp"
#include "views/value_range.hpp"

namespace hockney::views {
namespace {

constexpr double per_cent = 100;
constexpr double least_residual_percent = 2;

/// Pixels of one operation's part of the page; with many curves its legend makes it higher.
struct Layout {
  double width, height;
};
constexpr double alone_width = 900;
constexpr double part_width = 1120;
constexpr double part_height = 700;
constexpr double legend_line = 17;
constexpr double legend_width = 490;
constexpr double legend_mark = 44;
constexpr double legend_points = 10;
constexpr std::size_t most_in_one_column = 3;
constexpr double edge = 12;
constexpr double left_of_axis = 78;
constexpr double below_axis = 46;
constexpr double between_panels = 12;
constexpr double share_of_residuals = 0.26;

// A single curve has no legend.
Layout layout_of(std::size_t curves) {
  constexpr double beside_legend = 320;  // heading, residuals
  return {curves == 1 ? alone_width : part_width,
          std::max(part_height, beside_legend + legend_line * static_cast<double>(curves))};
}

double payload_of(const cost::CurvePoint& point) { return static_cast<double>(point.payload.count); }

render::Heading heading_of(const cost::CostCurve& curve) {
  const Case& shape = curve.shape;
  render::Heading heading{
      .title = fmt::format("{} over {}, {}", name_of(shape.operation), name_of(shape.fabric), to_string(shape.group))};
  const std::string how = fmt::format(
      "{}, {}, {}, {}{}{}{}", name_of(shape.transport), name_of(shape.element), name_of(shape.mode),
      shape.in_place ? "in place" : "out of place", shape.native ? ", native" : "",
      shape.algorithm.empty() ? "" : ", " + shape.algorithm, shape.protocol.empty() ? "" : ", " + shape.protocol);
  heading.subtitles = {how};
  if (!curve.machine.empty()) {
    heading.subtitles.push_back(curve.machine);
  }
  heading.subtitles.push_back("bars: " + basis_text(curve));
  heading.remarks = describe(curve.flags);
  if (heading.remarks.empty() && curve.flags.bits != 0) {
    heading.remarks = {"flags: " + to_string(curve.flags)};
  }
  return heading;
}

render::Series line_of(const cost::AlphaBeta& segment, render::Colour colour) {
  constexpr int steps = 40;
  render::Series line{.draw = render::Draw::line, .colour = colour};
  const auto from = static_cast<double>(std::max<std::uint64_t>(1, segment.from.count));
  const double octaves = std::log2(static_cast<double>(segment.to.count) / from);
  for (int i = 0; i <= steps; ++i) {
    const double m = from * std::exp2(octaves * i / steps);
    line.x.push_back(m);
    line.y.push_back(segment.alpha_s + segment.beta_s_per_byte * m);
  }
  return line;
}

render::Series measured_points(const cost::CostCurve& curve) {
  render::Series series{.draw = render::Draw::points, .colour = render::Colour::black};
  for (const cost::CurvePoint& point : curve.points) {
    const double factor = std::exp(cost::log_half_width(curve, point));
    series.x.push_back(payload_of(point));
    series.y.push_back(point.time_s);
    series.low.push_back(point.time_s / factor);
    series.high.push_back(point.time_s * factor);
  }
  return series;
}

// Between two segments; where they touch, the switch is a line.
void add_borders(const cost::CostCurve& curve, render::Panel& panel) {
  for (std::size_t i = 1; i < curve.segments.size(); ++i) {
    panel.strips.push_back(
        {static_cast<double>(curve.segments[i - 1].to.count), static_cast<double>(curve.segments[i].from.count)});
  }
}

render::Panel time_panel(const cost::CostCurve& curve, const render::Axis& payloads) {
  render::Panel panel{.x = payloads, .names_x = false};
  double low = INFINITY;
  double high = 0;
  const auto include = [&](const std::vector<double>& values) {
    for (const double value : values) {
      low = value > 0 ? std::min(low, value) : low;
      high = std::max(high, value);
    }
  };
  for (std::size_t i = 0; i < curve.segments.size(); ++i) {
    panel.series.push_back(line_of(curve.segments[i], i % 2 == 0 ? render::Colour::blue : render::Colour::vermilion));
    include(panel.series.back().y);
  }
  panel.series.push_back(measured_points(curve));
  include(panel.series.back().low);
  include(panel.series.back().high);
  panel.y = render::seconds_axis("time", low, high);
  add_borders(curve, panel);
  return panel;
}

void set_residual_axis(render::Panel& panel, double most) {
  panel.y = render::number_axis("residual (%)", render::Scale::linear, -most, most);
  constexpr std::size_t few = 5;  // the panel is low
  for (std::size_t i = 0; panel.y.ticks.size() > few && i < panel.y.ticks.size(); ++i) {
    render::Tick& tick = panel.y.ticks[i];
    const bool is_odd = std::lround(tick.at / (panel.y.ticks[1].at - panel.y.ticks[0].at)) % 2 != 0;
    tick.label = is_odd ? "" : tick.label;
  }
}

render::Panel residual_panel(const cost::CostCurve& curve, const render::Axis& payloads) {
  render::Panel panel{.x = payloads, .horizontals = {0}};
  render::Series series{.draw = render::Draw::points, .colour = render::Colour::black};
  double most = least_residual_percent;
  for (const cost::CurvePoint& point : curve.points) {
    series.x.push_back(payload_of(point));
    series.y.push_back(per_cent * (cost::time_at(curve.segments, point.payload) / point.time_s - 1));
    most = std::max(most, std::abs(series.y.back()));
  }
  panel.series = {std::move(series)};
  set_residual_axis(panel, most);
  add_borders(curve, panel);
  return panel;
}

void add_curve(render::Figure& figure, const cost::CostCurve& curve, double left, double top) {
  const Layout layout = layout_of(1);
  const auto from = static_cast<double>(std::max<std::uint64_t>(1, curve.points.front().payload.count));
  const render::Axis payloads =
      render::bytes_axis("payload", from, static_cast<double>(curve.points.back().payload.count));
  const double heading_end =
      render::add_heading(figure, heading_of(curve), left + edge, top + edge / 2, layout.width - edge) + edge / 2;
  const double height = top + layout.height - below_axis - heading_end;
  const double width = layout.width - left_of_axis - edge;
  render::Panel times = time_panel(curve, payloads);
  times.inner = {left + left_of_axis, heading_end, width, height * (1 - share_of_residuals) - between_panels};
  render::Panel residuals = residual_panel(curve, payloads);
  residuals.inner = {left + left_of_axis, heading_end + height * (1 - share_of_residuals), width,
                     height * share_of_residuals};
  figure.panels.push_back(std::move(times));
  figure.panels.push_back(std::move(residuals));
}

/// The curves of one operation, in their order.
struct Overlay {
  std::vector<CampaignCurve> curves;
  std::vector<std::string> names;
};

std::vector<Overlay> overlays_of(std::span<const cost::CostCurve* const> curves) {
  std::vector<Overlay> overlays;
  for (const cost::CostCurve* curve : curves) {
    const auto same = std::find_if(overlays.begin(), overlays.end(), [&](const Overlay& overlay) {
      return overlay.curves.front().curve->shape.operation == curve->shape.operation;
    });
    (same == overlays.end() ? overlays.emplace_back() : *same).curves.push_back({curve, {}});
  }
  for (Overlay& overlay : overlays) {
    overlay.names = names_apart(overlay.curves);
  }
  return overlays;
}

render::Heading heading_of(const Overlay& overlay) {
  std::set<std::string> machines, bars;
  Flags flags;
  for (const CampaignCurve& each : overlay.curves) {
    machines.insert(each.curve->machine);
    bars.insert(basis_text(*each.curve));
    flags.bits |= each.curve->flags.bits;
  }
  render::Heading heading{
      .title =
          fmt::format("{}, {} curves", name_of(overlay.curves.front().curve->shape.operation), overlay.curves.size()),
      .subtitles = {fmt::format("{}", fmt::join(machines, ", ")), fmt::format("bars: {}", fmt::join(bars, "; "))}};
  heading.remarks = describe(flags);
  if (heading.remarks.empty() && flags.bits != 0) {
    heading.remarks = {"flags: " + to_string(flags)};
  }
  return heading;
}

/// A short upright line where a curve goes from one segment to the next.
render::Series border_mark(const cost::CostCurve& curve, const cost::Border& border, render::Colour colour) {
  constexpr double half = 1.3;
  const double at = std::sqrt(static_cast<double>(border.after.count) * static_cast<double>(border.before.count));
  const double time = curve.time_at({static_cast<std::uint64_t>(at)});
  return {.x = {at, at}, .y = {time / half, time * half}, .draw = render::Draw::line, .colour = colour};
}

void add_times(render::Panel& panel, const Overlay& overlay) {
  for (std::size_t i = 0; i < overlay.curves.size(); ++i) {
    const cost::CostCurve& curve = *overlay.curves[i].curve;
    render::Series points = measured_points(curve);
    points.name = render::shortened(overlay.names[i], legend_width - legend_mark, legend_points);
    points.colour = render::nth_colour(i);
    points.shape = render::nth_shape(i);
    panel.series.push_back(std::move(points));
    for (const cost::AlphaBeta& segment : curve.segments) {
      panel.series.push_back(line_of(segment, render::nth_colour(i)));
    }
    for (const cost::Border& border : curve.borders) {
      panel.series.push_back(border_mark(curve, border, render::nth_colour(i)));
    }
  }
}

ValueRange values_of(const render::Panel& panel, std::vector<double> render::Series::*column) {
  ValueRange range;
  for (const render::Series& series : panel.series) {
    range.include(series.*column);
  }
  return range;
}

render::Panel residuals_of(const Overlay& overlay, const render::Axis& payloads) {
  render::Panel panel{.x = payloads, .horizontals = {0}};
  for (std::size_t i = 0; i < overlay.curves.size(); ++i) {
    const render::Panel own = residual_panel(*overlay.curves[i].curve, payloads);
    panel.series.push_back(own.series.front());
    panel.series.back().colour = render::nth_colour(i);
    panel.series.back().shape = render::nth_shape(i);
  }
  ValueRange range = values_of(panel, &render::Series::y);
  range.include(least_residual_percent);
  range.include(-least_residual_percent);
  set_residual_axis(panel, std::max(-range.low, range.high));
  return panel;
}

void add_overlay(render::Figure& figure, const Overlay& overlay, double left, double top) {
  const Layout layout = layout_of(overlay.curves.size());
  const double heading_end =
      render::add_heading(figure, heading_of(overlay), left + edge, top + edge / 2, layout.width - edge) + edge / 2;
  const double height = top + layout.height - below_axis - heading_end;
  const double width = layout.width - left_of_axis - legend_width - edge;
  render::Panel times{.names_x = false, .legend = true};
  add_times(times, overlay);
  const ValueRange payloads = values_of(times, &render::Series::x);
  ValueRange range = values_of(times, &render::Series::low);
  range.include(values_of(times, &render::Series::high).high);
  times.x = render::bytes_axis("payload", payloads.low, payloads.high);
  times.y = render::seconds_axis("time", range.low, range.high);
  render::Panel residuals = residuals_of(overlay, times.x);
  times.inner = {left + left_of_axis, heading_end, width, height * (1 - share_of_residuals) - between_panels};
  residuals.inner = {left + left_of_axis, heading_end + height * (1 - share_of_residuals), width,
                     height * share_of_residuals};
  figure.panels.push_back(std::move(times));
  figure.panels.push_back(std::move(residuals));
}

}  // namespace

render::Figure cost_curves(std::span<const cost::CostCurve* const> curves) {
  if (curves.empty() || curves.size() > most_curves) {
    throw InputError(fmt::format("a page holds 1 to {} curves, not {}", most_curves, curves.size()));
  }
  const std::vector<Overlay> overlays = overlays_of(curves);
  const std::size_t columns = overlays.size() > most_in_one_column ? 2 : 1;
  std::size_t most = 0;
  for (const Overlay& overlay : overlays) {
    most = std::max(most, overlay.curves.size());
  }
  const Layout layout = layout_of(most);
  render::Figure figure;
  figure.width = layout.width * static_cast<double>(columns);
  figure.height = layout.height * static_cast<double>((overlays.size() + columns - 1) / columns);
  for (std::size_t i = 0; i < overlays.size(); ++i) {
    const double left = layout.width * static_cast<double>(i % columns);
    const double top = layout.height * static_cast<double>(i / columns);
    if (overlays[i].curves.size() == 1) {
      add_curve(figure, *overlays[i].curves.front().curve, left, top);
    } else {
      add_overlay(figure, overlays[i], left, top);
    }
  }
  return figure;
}

}  // namespace hockney::views
