#include "compare/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <set>
#include <utility>

#include "base/error.hpp"
#include "compare/holm.hpp"
#include "compare/welch.hpp"

namespace hockney::compare {
namespace {

constexpr double level = 0.05;

using Logs = std::pair<std::vector<double>, std::vector<double>>;

Interval exponential(Interval logs) { return {std::exp(logs.low), std::exp(logs.high)}; }

/// How the launches of two curves become a difference.
class LaunchTest {
 public:
  explicit LaunchTest(bool same_launches) : same_launches_(same_launches) {}

  // Nothing where there are too few launches.
  std::optional<Difference> at(const SideCurve& a, std::size_t i, const SideCurve& b, std::size_t j) const {
    if (same_launches_) {
      const Logs both = logs_of_both(a, i, b, j);
      return both.first.size() < 2 ? std::nullopt : std::optional(paired(both.first, both.second));
    }
    return test(a.launch_logs(i), b.launch_logs(j));
  }

  std::optional<Difference> test(const std::vector<double>& a, const std::vector<double>& b) const {
    if (a.size() < 2 || b.size() < 2) {
      return std::nullopt;
    }
    return same_launches_ && a.size() == b.size() ? paired(a, b) : welch(a, b);
  }

 private:
  static Logs logs_of_both(const SideCurve& a, std::size_t i, const SideCurve& b, std::size_t j) {
    Logs logs;
    for (std::size_t launch = 0; launch < a.launches.size(); ++launch) {
      const auto same = std::find(b.launches.begin(), b.launches.end(), a.launches[launch]) - b.launches.begin();
      const auto other = static_cast<std::size_t>(same);
      if (other < b.launches.size() && a.launch_times_s[launch][i] && b.launch_times_s[other][j]) {
        logs.first.push_back(std::log(*a.launch_times_s[launch][i]));
        logs.second.push_back(std::log(*b.launch_times_s[other][j]));
      }
    }
    return logs;
  }

  bool same_launches_;
};

PointComparison compare_point(const SideCurve& a, std::size_t i, const SideCurve& b, std::size_t j,
                              const LaunchTest& launches, double margin) {
  PointComparison point{.payload = a.curve.points[i].payload,
                        .a_s = a.time_s(i),
                        .b_s = b.time_s(j),
                        .launches_a = a.launch_logs(i).size(),
                        .launches_b = b.launch_logs(j).size()};
  point.ratio.value = point.b_s / point.a_s;
  if (const std::optional<Difference> difference = launches.at(a, i, b, j)) {
    point.ratio = {std::exp(difference->value), exponential(difference->interval())};
    point.p_if_equal = difference->p_if_equal();
    point.p_if_apart = difference->p_if_apart(std::log1p(margin));
  }
  return point;
}

std::vector<PointComparison> compare_points(const SideCurve& a, const SideCurve& b, const LaunchTest& launches,
                                            double margin) {
  std::vector<PointComparison> points;
  const std::vector<cost::CurvePoint>& of_b = b.curve.points;
  for (std::size_t i = 0; i < a.curve.points.size(); ++i) {
    const Bytes payload = a.curve.points[i].payload;
    const auto found =
        std::find_if(of_b.begin(), of_b.end(), [&](const auto& each) { return each.payload == payload; });
    if (found != of_b.end()) {
      points.push_back(compare_point(a, i, b, static_cast<std::size_t>(found - of_b.begin()), launches, margin));
    }
  }
  return points;
}

// Logarithms of one parameter by each launch; nothing where one of them is 0, which has none.
std::vector<double> logs_of(const cost::AlphaBeta& segment, double cost::LaunchParameters::*parameter) {
  std::vector<double> logs;
  for (const cost::LaunchParameters& launch : segment.launches) {
    if (!(launch.*parameter > 0)) {
      return {};
    }
    logs.push_back(std::log(launch.*parameter));
  }
  return logs;
}

std::optional<Ratio> ratio_of(const cost::AlphaBeta& a, const cost::AlphaBeta& b, double cost::AlphaBeta::*pooled,
                              double cost::LaunchParameters::*parameter, const LaunchTest& launches) {
  if (!(a.*pooled > 0) || !(b.*pooled > 0)) {
    return std::nullopt;
  }
  const std::optional<Difference> difference = launches.test(logs_of(a, parameter), logs_of(b, parameter));
  if (!difference) {
    return Ratio{b.*pooled / (a.*pooled), std::nullopt};
  }
  return Ratio{std::exp(difference->value), exponential(difference->interval())};
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

SegmentComparison compare_pair(const cost::AlphaBeta& a, const cost::AlphaBeta& b, const LaunchTest& launches) {
  using Parameters = cost::LaunchParameters;
  return {std::max(a.from, b.from),
          std::min(a.to, b.to),
          a,
          b,
          ratio_of(a, b, &cost::AlphaBeta::alpha_s, &Parameters::alpha_s, launches),
          ratio_of(a, b, &cost::AlphaBeta::beta_s_per_byte, &Parameters::beta_s_per_byte, launches)};
}

std::vector<SegmentComparison> compare_segments(const cost::CostCurve& a, const cost::CostCurve& b,
                                                const LaunchTest& launches) {
  std::vector<SegmentComparison> segments;
  for (const cost::AlphaBeta& one : a.segments) {
    for (const cost::AlphaBeta& other : b.segments) {
      if (overlap(a, one, other)) {
        segments.push_back(compare_pair(one, other, launches));
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

void add_pairs(Comparison& comparison, const Pairing& pairing, const LaunchTest& launches) {
  for (const Pair& pair : pairing.pairs) {
    CurveComparison curve{*pair.a, *pair.b, compare_points(*pair.a, *pair.b, launches, comparison.margin),
                          compare_segments(pair.a->curve, pair.b->curve, launches)};
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
  add_pairs(comparison, pair_systems(a, b), LaunchTest(false));
  return comparison;
}

Comparison compare_fabrics(const Side& side, double margin) {
  Comparison comparison{.name_a = fmt::format("{}, inside a node", side.name),
                        .name_b = fmt::format("{}, between nodes", side.name),
                        .machine_a = side.machine,
                        .machine_b = side.machine,
                        .margin = margin,
                        .notes = side.notes};
  add_pairs(comparison, pair_fabrics(side), LaunchTest(true));
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
