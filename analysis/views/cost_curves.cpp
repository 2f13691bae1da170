#include "views/cost_curves.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "base/error.hpp"
#include "cost/segments.hpp"
#include "render/plot/axis.hpp"
#include "render/plot/heading.hpp"

namespace hockney::views {
namespace {

constexpr double z95 = 1.96;
constexpr double per_cent = 100;
constexpr double least_residual_percent = 2;

/// Pixels of one curve's part of the page.
struct Layout {
  double width, height, title_points;
};
constexpr Layout alone{900, 700, 13};
constexpr Layout one_of_many{460, 400, 10.5};
constexpr std::size_t most_columns = 5;
constexpr double edge = 12;
constexpr double left_of_axis = 78;
constexpr double below_axis = 46;
constexpr double between_panels = 12;
constexpr double share_of_residuals = 0.26;

double payload_of(const cost::CurvePoint& point) { return static_cast<double>(point.payload.count); }

std::string describe_errors(const cost::CostCurve& curve) {
  switch (curve.basis) {
    case cost::IntervalBasis::launches:
      return fmt::format("bars: 95 %, {} launches", curve.launches);
    case cost::IntervalBasis::within_launch:
      return "bars: 95 %, within one launch";
    case cost::IntervalBasis::assumed_noise:
      return "bars: assumed noise";
    case cost::IntervalBasis::line_rate:
      return "stated rate, not measured";
  }
  return {};
}

render::Heading heading_of(const cost::CostCurve& curve, double points) {
  const Case& shape = curve.shape;
  render::Heading heading{
      .title = fmt::format("{} over {}, {}", name_of(shape.operation), name_of(shape.fabric), to_string(shape.group)),
      .points = points};
  const std::string how = fmt::format(
      "{}, {}, {}, {}{}{}{}", name_of(shape.transport), name_of(shape.element), name_of(shape.mode),
      shape.in_place ? "in place" : "out of place", shape.native ? ", native" : "",
      shape.algorithm.empty() ? "" : ", " + shape.algorithm, shape.protocol.empty() ? "" : ", " + shape.protocol);
  heading.subtitles = {how};
  if (!curve.machine.empty()) {
    heading.subtitles.push_back(curve.machine);
  }
  heading.subtitles.push_back(describe_errors(curve));
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
    const double factor = std::exp(z95 * point.relative_error);
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
  panel.y = render::number_axis("residual (%)", render::Scale::linear, -most, most);
  constexpr std::size_t few = 5;  // the panel is low
  for (std::size_t i = 0; panel.y.ticks.size() > few && i < panel.y.ticks.size(); ++i) {
    render::Tick& tick = panel.y.ticks[i];
    const bool is_odd = std::lround(tick.at / (panel.y.ticks[1].at - panel.y.ticks[0].at)) % 2 != 0;
    tick.label = is_odd ? "" : tick.label;
  }
  add_borders(curve, panel);
  return panel;
}

void add_curve(render::Figure& figure, const cost::CostCurve& curve, double left, double top, const Layout& layout) {
  const auto from = static_cast<double>(std::max<std::uint64_t>(1, curve.points.front().payload.count));
  const render::Axis payloads =
      render::bytes_axis("payload", from, static_cast<double>(curve.points.back().payload.count));
  const double heading_end = render::add_heading(figure, heading_of(curve, layout.title_points), left + edge,
                                                 top + edge / 2, layout.width - edge) +
                             edge / 2;
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

std::size_t columns_for(std::size_t curves) {
  const auto square = static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(curves))));
  return std::min(square, most_columns);
}

}  // namespace

render::Figure cost_curves(std::span<const cost::CostCurve* const> curves) {
  if (curves.empty() || curves.size() > most_curves) {
    throw InputError(fmt::format("a page holds 1 to {} curves, not {}", most_curves, curves.size()));
  }
  const Layout layout = curves.size() == 1 ? alone : one_of_many;
  const std::size_t columns = columns_for(curves.size());
  const std::size_t rows = (curves.size() + columns - 1) / columns;
  render::Figure figure;
  figure.width = layout.width * static_cast<double>(columns);
  figure.height = layout.height * static_cast<double>(rows);
  for (std::size_t i = 0; i < curves.size(); ++i) {
    const std::size_t row = i / columns;
    add_curve(figure, *curves[i], layout.width * static_cast<double>(i % columns),
              layout.height * static_cast<double>(row), layout);
  }
  return figure;
}

}  // namespace hockney::views
