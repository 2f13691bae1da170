#include "compare/side.hpp"

#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>
#include <utility>

#include "base/error.hpp"
#include "fit/fit_campaign.hpp"

namespace hockney::compare {
namespace {

std::string only_machine(const Side& side) {
  std::set<std::string> machines;
  for (const SideCurve& each : side.curves) {
    machines.insert(each.curve.machine);
  }
  if (machines.size() > 1) {
    throw InputError(fmt::format("{}: holds curves of several machines; choose one with --machine-a or --machine-b: {}",
                                 side.name, fmt::join(machines, "; ")));
  }
  return machines.empty() ? "" : *machines.begin();
}

SideCurve curve_of(const fit::CurveData& data, std::vector<std::string>& notes) {
  const fit::SegmentOptions options;
  const bool is_line = data.points.size() >= options.least_points;
  SideCurve side{is_line ? fit::fit_data(data, options, notes) : fit::unfitted(data), data.launches,
                 data.launch_times_s, data.clock_steps_s};
  for (const std::size_t launch : fit::launches_in_every_segment(data, side.curve.segments)) {
    side.fitted_launches.push_back(data.launches[launch]);
  }
  return side;
}

}  // namespace

std::vector<double> SideCurve::launch_logs(std::size_t point) const {
  std::vector<double> logs;
  for (const auto& times : launch_times_s) {
    if (times[point]) {
      logs.push_back(std::log(*times[point]));
    }
  }
  return logs;
}

double SideCurve::time_s(std::size_t point) const {
  const std::vector<double> logs = launch_logs(point);
  return logs.empty() ? curve.points[point].time_s : std::exp(mean(logs));
}

Side side_of(const std::string& name, std::span<const Launch> launches) {
  Side side{.name = name, .launches = launches.size()};
  for (const fit::CurveData& data : fit::gather_curves(launches, cost::no_network_constant, side.notes, 1)) {
    side.curves.push_back(curve_of(data, side.notes));
  }
  side.machine = only_machine(side);
  return side;
}

Side side_of(const std::string& name, cost::CostModel model) {
  Side side{.name = name, .is_model = true};
  for (cost::CostCurve& curve : model.curves) {
    if (curve.points.empty()) {
      side.notes.push_back(fmt::format("{}: the cost model keeps no measured points of it", curve.name()));
      continue;
    }
    const std::size_t points = curve.points.size();
    side.curves.push_back({std::move(curve), {}, {}, std::vector<double>(points)});
  }
  side.machine = only_machine(side);
  return side;
}

}  // namespace hockney::compare
