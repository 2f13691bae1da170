#include "fit/validate/scoreboard.hpp"

#include <fmt/format.h>
#include <map>
#include <set>
#include <utility>

#include "fit/gather.hpp"
#include "fit/segments/choose_segments.hpp"

namespace hockney::fit {
namespace {

// The first visit of each point that the options ask for.
Launch first_visits(const Launch& launch, const ScoreboardOptions& options) {
  Launch first;
  first.info = launch.info;
  std::set<std::pair<std::string, Bytes>> seen;
  for (const Measurement& visit : launch.measurements) {
    if (visit.point.in_place == options.in_place && visit.point.group.ranks >= options.least_ranks &&
        visit.samples() > 0 && seen.insert({visit.point.curve_name(), visit.point.payload}).second) {
      first.measurements.push_back(visit);
    }
  }
  return first;
}

ScoredCurve score_curve(const CurveData& data, const SegmentOptions& options) {
  ScoredCurve curve;
  curve.name = data.shape.curve_name();
  curve.launch = data.launches.front();
  curve.sizes = data.points.size();
  const SegmentBegins best = choose_segments(data.points, options);
  curve.segments = best.begins.size();
  curve.capped = best.capped;
  curve.errors = prediction_errors(data.points, best, options);
  curve.validation = summarise(curve.errors);
  return curve;
}

cost::ErrorQuantiles median_over_curves(std::span<const ScoredCurve> curves,
                                        cost::ErrorQuantiles cost::Validation::*method) {
  std::vector<double> medians;
  std::vector<double> p95s;
  for (const ScoredCurve& curve : curves) {
    medians.push_back((curve.validation.*method).median);
    p95s.push_back((curve.validation.*method).p95);
  }
  return {median(medians), median(p95s), static_cast<std::uint32_t>(curves.size())};
}

template <class Value>
void append(std::vector<Value>& all, const std::vector<Value>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

cost::Validation pool(std::span<const ScoredCurve> curves) {
  PredictionErrors all;
  for (const ScoredCurve& curve : curves) {
    append(all.answer, curve.errors.answer);
    append(all.segments, curve.errors.segments);
    append(all.log_log, curve.errors.log_log);
    append(all.single_line, curve.errors.single_line);
    append(all.least_squares, curve.errors.least_squares);
    append(all.at_switch, curve.errors.at_switch);
  }
  cost::Validation pooled = summarise(all);
  pooled.in_sample = median_over_curves(curves, &cost::Validation::in_sample);
  pooled.single_line_in_sample = median_over_curves(curves, &cost::Validation::single_line_in_sample);
  pooled.least_squares_in_sample = median_over_curves(curves, &cost::Validation::least_squares_in_sample);
  return pooled;
}

// The same remark on many launches is one remark.
std::vector<std::string> merge(const std::vector<std::string>& notes) {
  std::map<std::string, std::size_t> counts;
  for (const std::string& note : notes) {
    ++counts[note];
  }
  std::vector<std::string> merged;
  for (const auto& [note, count] : counts) {
    merged.push_back(count == 1 ? note : fmt::format("{} ({} times)", note, count));
  }
  return merged;
}

}  // namespace

Scoreboard score(std::span<const Launch> launches, const ScoreboardOptions& options) {
  Scoreboard board;
  for (const Launch& launch : launches) {
    const Launch first = first_visits(launch, options);
    for (const CurveData& data : gather_curves(std::span(&first, 1), cost::no_network_constant, board.notes)) {
      if (data.points.size() < options.least_sizes || data.points.size() > options.most_sizes) {
        board.notes.push_back(fmt::format("{}: not scored: {} sizes", data.shape.curve_name(), data.points.size()));
        continue;
      }
      board.curves.push_back(score_curve(data, options.segments));
    }
  }
  board.notes = merge(board.notes);
  if (board.curves.empty()) {
    return board;
  }
  board.pooled = pool(board.curves);
  for (const ScoredCurve& curve : board.curves) {
    board.segments_mean += static_cast<double>(curve.segments) / static_cast<double>(board.curves.size());
  }
  return board;
}

}  // namespace hockney::fit
