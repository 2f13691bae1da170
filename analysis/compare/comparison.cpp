#include "compare/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <set>
#include <utility>

#include "base/error.hpp"
#include "compare/holm.hpp"
#include "compare/welch.hpp"

namespace hockney::compare {
namespace {

constexpr double level = 0.05;

/// The logarithm of what each launch says of something, by the launch's name.
using Logs = std::map<std::string, double>;

Interval exponential(Interval logs) { return {std::exp(logs.low), std::exp(logs.high)}; }

Logs logs_at(const SideCurve& side, std::size_t point) {
  Logs logs;
  for (std::size_t launch = 0; launch < side.launches.size(); ++launch) {
    if (const auto& time_s = side.launch_times_s[launch][point]) {
      logs[side.launches[launch]] = std::log(*time_s);
    }
  }
  return logs;
}

// Of one parameter of a segment; nothing where one of them is 0, which has none.
Logs logs_of(const SideCurve& side, const cost::AlphaBeta& segment, double cost::LaunchParameters::*parameter) {
  Logs logs;
  for (std::size_t i = 0; i < segment.launches.size(); ++i) {
    if (!(segment.launches[i].*parameter > 0)) {
      return {};
    }
    const bool has_name = i < side.fitted_launches.size();
    logs[has_name ? side.fitted_launches[i] : std::to_string(i)] = std::log(segment.launches[i].*parameter);
  }
  return logs;
}

// Relative standard error of a time that is rounded to the steps of a clock. Launches that all fall on one step are
// off by the same, so that more of them do not help.
double rounding_error(const SideCurve& side, std::size_t point) {
  return side.clock_steps_s[point] / side.time_s(point) / std::sqrt(12.0);
}

/// How the launches of two curves become a difference: as pairs, where both measured it in the same launches.
struct LaunchTest {
  bool in_pairs = false;

  // Nothing where there are too few launches, or no sign of how far launches differ.
  std::optional<Difference> operator()(const Logs& a, const Logs& b, double least_error = 0) const {
    const std::vector<double> first = those_to_compare(a, b);
    const std::vector<double> second = those_to_compare(b, a);
    if (first.size() < 2 || second.size() < 2) {
      return std::nullopt;
    }
    Difference difference = in_pairs ? paired(first, second) : welch(first, second);
    difference.standard_error = std::max(difference.standard_error, least_error);
    constexpr double of_arithmetic = 1e-12;
    return difference.standard_error > of_arithmetic ? std::optional(difference) : std::nullopt;
  }

 private:
  // In the order of the launches' names.
  std::vector<double> those_to_compare(const Logs& logs, const Logs& others) const {
    std::vector<double> values;
    for (const auto& [launch, log] : logs) {
      if (!in_pairs || others.contains(launch)) {
        values.push_back(log);
      }
    }
    return values;
  }
};

PointComparison compare_point(const SideCurve& a, std::size_t i, const SideCurve& b, std::size_t j,
                              const LaunchTest& test, double margin) {
  const Logs logs_a = logs_at(a, i);
  const Logs logs_b = logs_at(b, j);
  PointComparison point{.payload = a.curve.points[i].payload,
                        .a_s = a.time_s(i),
                        .b_s = b.time_s(j),
                        .launches_a = logs_a.size(),
                        .launches_b = logs_b.size()};
  point.ratio.value = point.b_s / point.a_s;
  if (const auto difference = test(logs_a, logs_b, std::hypot(rounding_error(a, i), rounding_error(b, j)))) {
    point.ratio = {std::exp(difference->value), exponential(difference->interval())};
    point.p_if_equal = difference->p_if_equal();
    point.p_if_apart = difference->p_if_apart(std::log1p(margin));
  }
  return point;
}

std::vector<PointComparison> compare_points(const SideCurve& a, const SideCurve& b, const LaunchTest& test,
                                            double margin) {
  std::vector<PointComparison> points;
  const std::vector<cost::CurvePoint>& of_b = b.curve.points;
  for (std::size_t i = 0; i < a.curve.points.size(); ++i) {
    const Bytes payload = a.curve.points[i].payload;
    const auto found =
        std::find_if(of_b.begin(), of_b.end(), [&](const auto& each) { return each.payload == payload; });
    if (found != of_b.end()) {
      points.push_back(compare_point(a, i, b, static_cast<std::size_t>(found - of_b.begin()), test, margin));
    }
  }
  return points;
}

/// A segment of a side.
struct SideSegment {
  const SideCurve& side;
  const cost::AlphaBeta& segment;
};

std::optional<Ratio> ratio_of(const SideSegment& a, const SideSegment& b, double cost::AlphaBeta::*pooled,
                              double cost::LaunchParameters::*parameter, const LaunchTest& test) {
  const double of_a = a.segment.*pooled;
  const double of_b = b.segment.*pooled;
  if (!(of_a > 0) || !(of_b > 0)) {
    return std::nullopt;
  }
  const auto difference = test(logs_of(a.side, a.segment, parameter), logs_of(b.side, b.segment, parameter));
  return difference ? Ratio{std::exp(difference->value), exponential(difference->interval())}
                    : Ratio{of_b / of_a, std::nullopt};
}

// Parameters of lines that barely meet say nothing of each other.
bool overlap(const cost::CostCurve& a, const cost::AlphaBeta& one, const cost::AlphaBeta& other) {
  constexpr std::ptrdiff_t enough = 3;
  const Bytes from = std::max(one.from, other.from);
  const Bytes to = std::min(one.to, other.to);
  const auto is_whole = [&](const cost::AlphaBeta& segment) { return segment.from == from && segment.to == to; };
  const auto shared = std::count_if(a.points.begin(), a.points.end(), [&](const cost::CurvePoint& point) {
    return from <= point.payload && point.payload <= to;
  });
  return from < to && (shared >= enough || is_whole(one) || is_whole(other));
}

SegmentComparison compare_pair(const SideSegment& a, const SideSegment& b, const LaunchTest& test) {
  using Parameters = cost::LaunchParameters;
  return {std::max(a.segment.from, b.segment.from),
          std::min(a.segment.to, b.segment.to),
          a.segment,
          b.segment,
          ratio_of(a, b, &cost::AlphaBeta::alpha_s, &Parameters::alpha_s, test),
          ratio_of(a, b, &cost::AlphaBeta::beta_s_per_byte, &Parameters::beta_s_per_byte, test)};
}

std::vector<SegmentComparison> compare_segments(const SideCurve& a, const SideCurve& b, const LaunchTest& test) {
  std::vector<SegmentComparison> segments;
  for (const cost::AlphaBeta& one : a.curve.segments) {
    for (const cost::AlphaBeta& other : b.curve.segments) {
      if (overlap(a.curve, one, other)) {
        segments.push_back(compare_pair({a, one}, {b, other}, test));
      }
    }
  }
  return segments;
}

Verdict verdict_on(const PointComparison& point) {
  if (!point.ratio.interval) {
    return Verdict::no_spread;
  }
  if (point.p_if_apart <= level) {
    return Verdict::equivalent;
  }
  if (point.p_if_equal <= level) {
    return point.ratio.value > 1 ? Verdict::a_faster : Verdict::b_faster;
  }
  return Verdict::inconclusive;
}

template <class Act>
void for_each_tested(Comparison& comparison, Act act) {
  for (CurveComparison& curve : comparison.curves) {
    for (PointComparison& point : curve.points) {
      if (point.ratio.interval) {
        act(point);
      }
    }
  }
}

void correct(Comparison& comparison, double PointComparison::*p_value) {
  std::vector<double> p_values;
  for_each_tested(comparison, [&](PointComparison& point) { p_values.push_back(point.*p_value); });
  const std::vector<double> corrected = holm(p_values);
  auto next = corrected.begin();
  for_each_tested(comparison, [&](PointComparison& point) { point.*p_value = *next++; });
}

void judge(Comparison& comparison) {
  correct(comparison, &PointComparison::p_if_equal);
  correct(comparison, &PointComparison::p_if_apart);
  for_each_tested(comparison, [](PointComparison& point) { point.verdict = verdict_on(point); });
}

void note_payloads(std::vector<std::string>& notes, std::string_view side, const SideCurve& curve,
                   std::size_t compared) {
  if (const std::size_t left = curve.curve.points.size() - compared; left > 0) {
    notes.push_back(fmt::format("{} left out: {} of {} payloads of {}: not measured on the other side", side, left,
                                curve.curve.points.size(), curve.curve.name()));
  }
}

void add_pairs(Comparison& comparison, const Pairing& pairing) {
  const LaunchTest test{comparison.in_pairs};
  for (const Pair& pair : pairing.pairs) {
    CurveComparison curve{*pair.a, *pair.b, compare_points(*pair.a, *pair.b, test, comparison.margin),
                          compare_segments(*pair.a, *pair.b, test)};
    note_payloads(comparison.notes, "A", *pair.a, curve.points.size());
    note_payloads(comparison.notes, "B", *pair.b, curve.points.size());
    if (!curve.points.empty()) {
      comparison.curves.push_back(std::move(curve));
    }
  }
  comparison.notes.insert(comparison.notes.end(), pairing.notes.begin(), pairing.notes.end());
  judge(comparison);
}

void require_own_launches(const Side& a, const Side& b) {
  std::set<std::string> of_a;
  for (const SideCurve& curve : a.curves) {
    of_a.insert(curve.launches.begin(), curve.launches.end());
  }
  for (const SideCurve& curve : b.curves) {
    for (const std::string& launch : curve.launches) {
      if (of_a.contains(launch)) {
        throw InputError(fmt::format("{}: this launch is on both sides; two systems have no launch in common", launch));
      }
    }
  }
}

}  // namespace

Comparison compare_systems(const Side& a, const Side& b, double margin) {
  require_own_launches(a, b);
  Comparison comparison{
      .name_a = a.name, .name_b = b.name, .machine_a = a.machine, .machine_b = b.machine, .margin = margin};
  for (const auto& [side, name] : {std::pair(&a, "A"), std::pair(&b, "B")}) {
    for (const std::string& note : side->notes) {
      comparison.notes.push_back(fmt::format("{}: {}", name, note));
    }
  }
  add_pairs(comparison, pair_systems(a, b));
  return comparison;
}

Comparison compare_fabrics(const Side& side, double margin) {
  Comparison comparison{.name_a = fmt::format("{}, inside a node", side.name),
                        .name_b = fmt::format("{}, between nodes", side.name),
                        .machine_a = side.machine,
                        .machine_b = side.machine,
                        .in_pairs = !side.is_model,
                        .margin = margin,
                        .notes = side.notes};
  add_pairs(comparison, pair_fabrics(side));
  return comparison;
}

Comparison regressions(const Comparison& comparison) {
  Comparison slower = comparison;
  slower.notes.clear();
  for (CurveComparison& curve : slower.curves) {
    curve.segments.clear();
    std::erase_if(curve.points, [](const PointComparison& point) { return point.verdict != Verdict::a_faster; });
  }
  std::erase_if(slower.curves, [](const CurveComparison& curve) { return curve.points.empty(); });
  return slower;
}

std::size_t count(const Comparison& comparison, Verdict verdict) {
  std::size_t found = 0;
  for (const CurveComparison& curve : comparison.curves) {
    found += static_cast<std::size_t>(
        std::count_if(curve.points.begin(), curve.points.end(), [&](const auto& p) { return p.verdict == verdict; }));
  }
  return found;
}

bool has_verdicts(const Comparison& comparison) {
  return std::any_of(comparison.curves.begin(), comparison.curves.end(), [](const CurveComparison& curve) {
    return std::any_of(curve.points.begin(), curve.points.end(),
                       [](const PointComparison& point) { return point.verdict != Verdict::no_spread; });
  });
}

}  // namespace hockney::compare
