#include "fit/fit_campaign.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

#include "fit/segments/launch_resampling.hpp"
#include "fit/validate/validate.hpp"

namespace hockney::fit {
namespace {

using LaunchTimes = std::vector<std::optional<double>>;

// The points of one launch inside a segment, with the pooled points' relative errors.
std::vector<cost::CurvePoint> points_of(const CurveData& data, const LaunchTimes& times,
                                        const cost::AlphaBeta& segment) {
  std::vector<cost::CurvePoint> points;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const cost::CurvePoint& pooled = data.points[i];
    if (times[i] && segment.from <= pooled.payload && pooled.payload <= segment.to) {
      points.push_back({pooled.payload, *times[i], pooled.relative_error, pooled.label});
    }
  }
  return points;
}

bool covers(const CurveData& data, const LaunchTimes& times, std::span<const cost::AlphaBeta> segments) {
  return std::all_of(segments.begin(), segments.end(), [&](const cost::AlphaBeta& segment) {
    return points_of(data, times, segment).size() >= std::min<std::size_t>(2, segment.points);
  });
}

Interval interval_over(std::span<const cost::LaunchParameters> launches, double cost::LaunchParameters::*parameter,
                       double pooled) {
  std::vector<double> values;
  for (const cost::LaunchParameters& launch : launches) {
    values.push_back(launch.*parameter);
  }
  const Interval interval = mean_interval(values);
  return {std::min(std::max(0.0, interval.low), pooled), std::max(interval.high, pooled)};
}

void use_launches(cost::AlphaBeta& segment, const CurveData& data, std::span<const std::size_t> launches) {
  for (const std::size_t launch : launches) {
    const Line line = fit_line(points_of(data, data.launch_times_s[launch], segment));
    segment.launches.push_back({line.alpha_s, line.beta_s_per_byte});
  }
  segment.alpha_interval_s = interval_over(segment.launches, &cost::LaunchParameters::alpha_s, segment.alpha_s);
  segment.beta_interval_s_per_byte =
      interval_over(segment.launches, &cost::LaunchParameters::beta_s_per_byte, segment.beta_s_per_byte);
}

void add_launch_intervals(cost::CostCurve& curve, const CurveData& data, std::vector<std::string>& notes) {
  const std::vector<std::size_t> complete = launches_in_every_segment(data, curve.segments);
  for (std::size_t i = 0; i < data.launches.size(); ++i) {
    if (std::find(complete.begin(), complete.end(), i) == complete.end()) {
      notes.push_back(
          fmt::format("{}: {} has fewer than two payloads in some segment: in the medians, not in the "
                      "intervals over launches",
                      curve.name(), data.launches[i]));
    }
  }
  if (complete.size() < 2) {
    curve.basis = cost::IntervalBasis::within_launch;
    notes.push_back(fmt::format("{}: intervals are within-launch only: fewer than two launches measured every segment",
                                curve.name()));
    return;
  }
  for (cost::AlphaBeta& segment : curve.segments) {
    use_launches(segment, data, complete);
  }
}

// Takes the sizes that are no power of two out of the data.
std::vector<cost::CurvePoint> take_off_grid(CurveData& data) {
  CurveData grid = data;
  std::vector<cost::CurvePoint> taken;
  grid.points.clear();
  grid.clock_steps_s.clear();
  for (auto& times : grid.launch_times_s) {
    times.clear();
  }
  for (std::size_t i = 0; i < data.points.size(); ++i) {
    if (!std::has_single_bit(data.points[i].payload.count)) {
      taken.push_back(data.points[i]);
      continue;
    }
    grid.points.push_back(data.points[i]);
    grid.clock_steps_s.push_back(data.clock_steps_s[i]);
    for (std::size_t launch = 0; launch < grid.launch_times_s.size(); ++launch) {
      grid.launch_times_s[launch].push_back(data.launch_times_s[launch][i]);
    }
  }
  data = std::move(grid);
  return taken;
}

cost::ErrorQuantiles off_grid_errors(const cost::CostCurve& curve, std::span<const cost::CurvePoint> held_out) {
  std::vector<double> errors;
  for (const cost::CurvePoint& point : held_out) {
    if (curve.points.front().payload < point.payload && point.payload < curve.points.back().payload) {
      errors.push_back(std::abs(curve.time_at(point.payload) / point.time_s - 1));
    }
  }
  return cost::quantiles_of(errors);
}

cost::CostCurve fit_and_validate(const CurveData& data, const FitOptions& options, std::vector<std::string>& notes) {
  cost::CostCurve curve = fit_data(data, options.segments, notes);
  curve.validation = validate(curve.points, options.segments);
  curve.validation.leave_one_launch_out = cost::quantiles_of(leave_one_launch_out_errors(data, options.segments));
  add_stability(curve, data, options.segments);
  return curve;
}

std::string describe_source(const Launch& launch) {
  const LaunchInfo& info = launch.info;
  Flags flags;
  for (const Measurement& visit : launch.measurements) {
    flags.bits |= visit.flags.bits;
  }
  return fmt::format(
      "{}{}{}", stated_line_rate(launch) ? "ESTIMATED FROM LINE RATE: " : "", prefix_of(flags),
      info.source.empty() ? fmt::format("campaign {}, {}.h5", info.campaign, info.run_uuid) : info.source);
}

std::string join_campaigns(std::span<const Launch> launches) {
  std::set<std::string> names;
  for (const Launch& launch : launches) {
    names.insert(launch.info.campaign);
  }
  return fmt::format("{}", fmt::join(names, "+"));
}

}  // namespace

std::vector<std::size_t> launches_in_every_segment(const CurveData& data, std::span<const cost::AlphaBeta> segments) {
  std::vector<std::size_t> complete;
  for (std::size_t i = 0; i < data.launch_times_s.size(); ++i) {
    if (covers(data, data.launch_times_s[i], segments)) {
      complete.push_back(i);
    }
  }
  return complete;
}

cost::CostCurve unfitted(const CurveData& data) {
  cost::CostCurve curve;
  curve.shape = data.shape;
  curve.points = data.points;
  curve.basis = data.basis;
  curve.launches = static_cast<std::uint32_t>(data.launches.size());
  curve.statistic = data.statistic;
  curve.flags = data.flags;
  curve.machine = data.machine;
  curve.source = data.source;
  return curve;
}

cost::CostCurve fit_data(const CurveData& data, const SegmentOptions& options, std::vector<std::string>& notes) {
  cost::CostCurve curve = unfitted(data);
  Segmentation segmentation = fit_curve(data.points, options);
  curve.segments = std::move(segmentation.segments);
  curve.borders = std::move(segmentation.borders);
  curve.segments_capped = segmentation.capped;
  if (curve.basis == cost::IntervalBasis::launches) {
    add_launch_intervals(curve, data, notes);
  }
  return curve;
}

CampaignFit fit_campaign(std::span<const Launch> launches, const FitOptions& options) {
  CampaignFit fit;
  fit.model.name = options.name.empty() ? join_campaigns(launches) : options.name;
  fit.model.created_by = "hockney " HOCKNEY_VERSION " fit";
  for (const Launch& launch : launches) {
    fit.model.sources.push_back(describe_source(launch));
    if (auto rate = stated_line_rate(launch)) {
      fit.model.line_rates.push_back(*std::move(rate));
    }
  }
  for (CurveData& data : gather_curves(launches, options.admitted, fit.notes)) {
    const std::vector<cost::CurvePoint> held_out =
        options.hold_out_off_grid ? take_off_grid(data) : std::vector<cost::CurvePoint>{};
    if (data.points.size() < options.segments.least_points) {
      fit.notes.push_back(fmt::format("{}: not fitted: {} sizes are powers of two, two are needed",
                                      data.shape.curve_name(), data.points.size()));
      continue;
    }
    cost::CostCurve curve = fit_and_validate(data, options, fit.notes);
    curve.validation.off_grid = off_grid_errors(curve, held_out);
    fit.model.curves.push_back(std::move(curve));
  }
  return fit;
}

}  // namespace hockney::fit
