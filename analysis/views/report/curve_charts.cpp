#include "views/report/curve_charts.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

#include "cost/segments.hpp"
#include "record/usable.hpp"
#include "render/plot/axis.hpp"
#include "views/interval_text.hpp"
#include "views/report/marks.hpp"
#include "views/value_range.hpp"

namespace hockney::views {
namespace {

using render::Draw;
using render::Series;

constexpr double per_cent = 100;
constexpr double per_giga = 1e-9;
constexpr int steps_per_segment = 8;
constexpr double border_factor = 1.25;  // half the height of a border's bar, on the log scale
constexpr double least_residual_percent = 2;

/// A curve as it is drawn.
struct Drawn {
  const cost::CostCurve* curve;
  std::string name;
  render::Colour colour;
  std::size_t shape;
};

std::vector<Drawn> drawn(std::span<const CampaignCurve> curves) {
  const std::vector<std::string> names = names_apart(curves);
  std::vector<Drawn> all;
  for (std::size_t i = 0; i < curves.size(); ++i) {
    all.push_back({curves[i].curve, names[i], render::nth_colour(i), render::nth_shape(i)});
  }
  return all;
}

double bytes_of(Bytes payload) { return static_cast<double>(std::max<std::uint64_t>(1, payload.count)); }

// busbw of a curve at a payload and time; nothing where busbw means nothing
std::optional<double> busbw(const cost::CostCurve& curve, double payload, double time_s) {
  const auto factor = wire_factor(curve.shape);
  return factor ? std::optional(*factor * payload / time_s * per_giga) : std::nullopt;
}

Series measured_times(const Drawn& each) {
  Series series{.name = each.name, .draw = Draw::line_and_points, .colour = each.colour, .shape = each.shape};
  for (const cost::CurvePoint& point : each.curve->points) {
    const double factor = std::exp(cost::log_half_width(*each.curve, point));
    series.x.push_back(bytes_of(point.payload));
    series.y.push_back(point.time_s);
    series.low.push_back(point.time_s / factor);
    series.high.push_back(point.time_s * factor);
  }
  return series;
}

Series segment_times(const Drawn& each, const cost::AlphaBeta& segment) {
  Series series{.name = each.name, .draw = Draw::line, .colour = each.colour, .dashed = true};
  const double octaves = std::log2(bytes_of(segment.to) / bytes_of(segment.from));
  for (int i = 0; i <= steps_per_segment; ++i) {
    const double payload = bytes_of(segment.from) * std::exp2(octaves * i / steps_per_segment);
    series.x.push_back(std::round(payload));
    series.y.push_back(segment.alpha_s + segment.beta_s_per_byte * payload);
  }
  return series;
}

Series border_bars(const Drawn& each) {
  Series series{.name = each.name, .draw = Draw::points, .colour = each.colour};
  for (const cost::Border& border : each.curve->borders) {
    const double payload = std::sqrt(bytes_of(border.after) * bytes_of(border.before));
    const double time = each.curve->time_at({static_cast<std::uint64_t>(payload)});
    series.x.push_back(std::round(payload));
    series.y.push_back(time);
    series.low.push_back(time / border_factor);
    series.high.push_back(time * border_factor);
  }
  return series;
}

/// The same series with times as busbw; no points where busbw means nothing.
Series as_busbw(const cost::CostCurve& curve, Series times) {
  Series rates{
      .name = times.name, .draw = times.draw, .colour = times.colour, .dashed = times.dashed, .shape = times.shape};
  for (std::size_t i = 0; i < times.x.size(); ++i) {
    if (const auto rate = busbw(curve, times.x[i], times.y[i])) {
      rates.x.push_back(times.x[i]);
      rates.y.push_back(*rate);
      if (!times.low.empty()) {
        rates.low.push_back(*busbw(curve, times.x[i], times.high[i]));
        rates.high.push_back(*busbw(curve, times.x[i], times.low[i]));
      }
    }
  }
  return rates;
}

/// What the links of a curve's platform carry at most.
struct LineRate {
  std::string name;
  const cost::CostCurve* curve;
  double busbw;  ///< B/s
};

std::vector<LineRate> line_rates_of(const std::vector<Drawn>& curves, const PlatformsByMachine& platforms) {
  std::map<std::string, LineRate> rates;
  for (const Drawn& each : curves) {
    const auto found = platforms.find(each.curve->machine);
    const auto rate = found == platforms.end() ? std::nullopt : found->second.line_rate(each.curve->shape);
    if (rate) {
      const std::string name = fmt::format("line rate of {}: {}, {}", found->second.name,
                                           name_of(each.curve->shape.fabric), to_string(*rate));
      rates.try_emplace(name, LineRate{name, each.curve, rate->value});
    }
  }
  std::vector<LineRate> all;
  for (auto& [name, rate] : rates) {
    all.push_back(std::move(rate));
  }
  return all;
}

Series line_of(const LineRate& rate, const std::vector<double>& payloads, bool as_time) {
  Series series{.name = rate.name, .draw = Draw::line, .colour = render::Colour::grey, .dashed = true};
  const auto factor = wire_factor(rate.curve->shape);
  for (const double payload : payloads) {
    if (factor) {
      series.x.push_back(payload);
      series.y.push_back(as_time ? *factor * payload / rate.busbw : rate.busbw * per_giga);
    }
  }
  return series;
}

bool is_void(const Measurement& visit) { return !usable(visit) && visit.samples() > 0; }

Series void_points(const std::vector<const Launch*>& launches, Operation operation, Flags& flags) {
  Series series{.name = "VOID: not to be used", .draw = Draw::points, .colour = render::Colour::black};
  for (const Launch* launch : launches) {
    for (const Measurement& visit : launch->measurements) {
      if (visit.point.operation == operation && is_void(visit)) {
        series.x.push_back(bytes_of(visit.point.payload));
        series.y.push_back(median(visit.completion_times()));
        flags.bits |= visit.flags.bits;
      }
    }
  }
  return series;
}

ValueRange payloads_of(const std::vector<Drawn>& curves) {
  ValueRange range;
  for (const Drawn& each : curves) {
    for (const cost::CurvePoint& point : each.curve->points) {
      range.include(bytes_of(point.payload));
    }
  }
  return range;
}

void add(render::LineChart& panel, Series series) {
  if (!series.x.empty()) {
    panel.series.push_back(std::move(series));
  }
}

ValueRange values_of(const render::LineChart& panel) {
  ValueRange range;
  for (const Series& series : panel.series) {
    range.include(series.y);
    range.include(series.low);
    range.include(series.high);
  }
  return range;
}

render::LineChart time_panel(const std::vector<Drawn>& curves, const std::vector<LineRate>& rates, Series voids) {
  render::LineChart panel{.title = "time"};
  for (const Drawn& each : curves) {
    add(panel, measured_times(each));
    for (const cost::AlphaBeta& segment : each.curve->segments) {
      add(panel, segment_times(each, segment));
    }
    add(panel, border_bars(each));
  }
  add(panel, std::move(voids));
  const ValueRange payloads = payloads_of(curves);
  const ValueRange times = values_of(panel);
  panel.x = render::bytes_axis("payload", payloads.low, payloads.high);
  panel.y = render::seconds_axis("time of one operation", times.low, times.high);
  for (const LineRate& rate : rates) {
    add(panel, line_of(rate, {payloads.low, payloads.high}, true));
  }
  return panel;
}

render::LineChart rate_panel(const std::vector<Drawn>& curves, const std::vector<LineRate>& rates) {
  render::LineChart panel{.title = "bus bandwidth"};
  for (const Drawn& each : curves) {
    add(panel, as_busbw(*each.curve, measured_times(each)));
  }
  const ValueRange payloads = payloads_of(curves);
  for (const LineRate& rate : rates) {
    add(panel, line_of(rate, {payloads.low, payloads.high}, false));
  }
  if (panel.series.empty()) {
    return panel;
  }
  panel.x = render::bytes_axis("payload", payloads.low, payloads.high);
  panel.y = render::number_axis("busbw (GB/s)", render::Scale::linear, 0, values_of(panel).high);
  return panel;
}

render::LineChart residual_panel(const std::vector<Drawn>& curves) {
  render::LineChart panel{.title = "residuals of the segments", .horizontals = {0}};
  double most = least_residual_percent;
  for (const Drawn& each : curves) {
    Series series{.name = each.name, .draw = Draw::points, .colour = each.colour, .shape = each.shape};
    for (const cost::CurvePoint& point : each.curve->points) {
      series.x.push_back(bytes_of(point.payload));
      series.y.push_back(per_cent * (cost::time_at(each.curve->segments, point.payload) / point.time_s - 1));
      most = std::max(most, std::abs(series.y.back()));
    }
    add(panel, std::move(series));
  }
  const ValueRange payloads = payloads_of(curves);
  panel.x = render::bytes_axis("payload", payloads.low, payloads.high);
  panel.y = render::number_axis("fit / measured - 1 (%)", render::Scale::linear, -most, most);
  return panel;
}

std::string bands_of(const std::vector<Drawn>& curves) {
  std::set<std::string> bases;
  for (const Drawn& each : curves) {
    bases.insert(basis_text(*each.curve));
  }
  return fmt::format("bands: {}", fmt::join(bases, "; "));
}

Flags flags_of_all(const std::vector<Drawn>& curves) {
  Flags flags;
  for (const Drawn& each : curves) {
    flags.bits |= each.curve->flags.bits;
  }
  return flags;
}

/// The same group alone, and while others run.
struct Load {
  const Drawn* alone;
  const Drawn* loaded;
};

std::vector<Load> loads_of(const std::vector<Drawn>& curves, std::span<const CampaignCurve> campaigns) {
  std::vector<Load> loads;
  for (std::size_t i = 0; i < curves.size(); ++i) {
    Case alone = curves[i].curve->shape;
    alone.group.concurrent = 1;
    for (std::size_t j = 0; j < curves.size(); ++j) {
      if (i != j && curves[j].curve->shape == alone && campaigns[i].campaign == campaigns[j].campaign &&
          curves[i].curve->machine == curves[j].curve->machine) {
        loads.push_back({&curves[j], &curves[i]});
      }
    }
  }
  return loads;
}

Series ratio_of(const Load& load, std::size_t place) {
  Series series{.name = fmt::format("{}, {}", name_of(load.loaded->curve->shape.operation), load.loaded->name),
                .draw = Draw::line_and_points,
                .colour = render::nth_colour(place),
                .shape = render::nth_shape(place)};
  for (const cost::CurvePoint& point : load.loaded->curve->points) {
    const auto& others = load.alone->curve->points;
    const auto other = std::find_if(others.begin(), others.end(),
                                    [&](const cost::CurvePoint& each) { return each.payload == point.payload; });
    if (other != others.end()) {
      const double ratio = point.time_s / other->time_s;
      const double factor = std::exp(std::hypot(cost::log_half_width(*load.loaded->curve, point),
                                                cost::log_half_width(*load.alone->curve, *other)));
      series.x.push_back(bytes_of(point.payload));
      series.y.push_back(ratio);
      series.low.push_back(ratio / factor);
      series.high.push_back(ratio * factor);
    }
  }
  return series;
}

}  // namespace

render::ChartGroup curve_charts(std::span<const CampaignCurve> curves, const std::vector<const Launch*>& launches,
                                const PlatformsByMachine& platforms) {
  const std::vector<Drawn> all = drawn(curves);
  const Operation operation = curves.front().curve->shape.operation;
  Flags flags = flags_of_all(all);
  Series voids = void_points(launches, operation, flags);
  const std::vector<LineRate> rates = line_rates_of(all, platforms);
  render::ChartGroup group{.title = std::string(name_of(operation)), .subtitles = {bands_of(all)}};
  group.remarks = marks_of(flags);
  group.panels = {time_panel(all, rates, std::move(voids)), rate_panel(all, rates), residual_panel(all)};
  std::erase_if(group.panels, [](const render::LineChart& panel) { return panel.series.empty(); });
  return group;
}

render::ChartGroup load_charts(std::span<const CampaignCurve> curves) {
  const std::vector<Drawn> all = drawn(curves);
  render::ChartGroup group{
      .title = "a group alone, and while equal groups run at the same time",
      .subtitles = {"above 1: slower under load; bands: 95 %, errors of both added in quadrature"}};
  render::LineChart panel{.title = "time under load / time alone", .horizontals = {1}};
  Flags flags;
  for (const Load& load : loads_of(all, curves)) {
    add(panel, ratio_of(load, panel.series.size()));
    flags.bits |= load.alone->curve->flags.bits | load.loaded->curve->flags.bits;
  }
  if (panel.series.empty()) {
    return group;
  }
  ValueRange payloads;
  for (const Series& series : panel.series) {
    payloads.include(series.x);
  }
  ValueRange ratios = values_of(panel);
  ratios.include(1);
  panel.x = render::bytes_axis("payload", payloads.low, payloads.high);
  panel.y = render::number_axis("time under load / alone", render::Scale::log, ratios.low, ratios.high);
  group.remarks = marks_of(flags);
  group.panels.push_back(std::move(panel));
  return group;
}

}  // namespace hockney::views
