#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/names.hpp"
#include "compare/pairing.hpp"
#include "compare/side.hpp"

namespace hockney::compare {

/// What a comparison of one point says, at a chance of 5 % that any of its verdicts is wrong where the truth is
/// "no difference" (or, of `equivalent`, "a difference of the margin or more").
enum class Verdict {
  a_faster,
  b_faster,
  equivalent,    ///< they differ by less than the margin
  inconclusive,  ///< neither is shown: more launches are needed
  no_spread,     ///< Ratio::interval is not known: nobody knows what another launch would say
};

struct VerdictNames {
  static constexpr std::string_view what = "verdict";
  static constexpr std::array<NamedValue<Verdict>, 5> table{{{Verdict::a_faster, "A faster"},
                                                             {Verdict::b_faster, "B faster"},
                                                             {Verdict::equivalent, "equivalent"},
                                                             {Verdict::inconclusive, "inconclusive"},
                                                             {Verdict::no_spread, "no spread"}}};
};
VerdictNames names_of(Verdict);

/// B over A. Its 95 % interval, that of one ratio, not corrected for how many there are, is known where both sides have
/// two launches (of Comparison::in_pairs: two that both have), and these differ or the step of their clock is known.
struct Ratio {
  double value = 1;
  std::optional<Interval> interval;
};

/// One payload of both curves.
struct PointComparison {
  Bytes payload;
  double a_s = 0;  ///< SideCurve::time_s()
  double b_s = 0;
  std::size_t launches_a = 0;  ///< behind the time; 0 of a cost model
  std::size_t launches_b = 0;
  Ratio ratio{};          ///< of the times: above 1, A is faster
  double p_if_equal = 1;  ///< corrected by holm() over all points of the comparison; 1 without spread
  double p_if_apart = 1;  ///< likewise, for the margin
  Verdict verdict = Verdict::no_spread;
};

/// Two segments as far as they lie over the same payloads: three of them, or all of one segment.
struct SegmentComparison {
  Bytes from;
  Bytes to;
  cost::AlphaBeta a;
  cost::AlphaBeta b;
  std::optional<Ratio> alpha;  ///< nothing where one of them is 0
  std::optional<Ratio> beta;
};

/// Two curves.
struct CurveComparison {
  SideCurve a;
  SideCurve b;
  std::vector<PointComparison> points;  ///< payloads that both have, ascending
  std::vector<SegmentComparison> segments;
};

/// Two systems, or two fabrics of one.
struct Comparison {
  std::string name_a;
  std::string name_b;
  std::string machine_a;
  std::string machine_b;
  bool in_pairs = false;  ///< both sides are measured in the same launches, which are compared in pairs
  double margin = 0.02;   ///< what counts as no difference: the ratio between 1 / (1 + margin) and 1 + margin
  std::vector<CurveComparison> curves{};
  std::vector<std::string> notes{};  ///< what was left out on each side, and why
};

/// Compares every two curves of pair_systems() at the payloads that both have. The unit is the launch: t of a launch is
/// its median, on the log scale, by welch(); samples are never pooled, since samples of one launch agree with each
/// other far better than two launches do. The standard error of a difference is at least that of rounding to the steps
/// of both sides' clocks (step / sqrt(12), where steps are known): launches that agree to a step are no proof. p-values
/// of all points are corrected together. `equivalent` goes before `faster`: a difference that is shown to be smaller
/// than the margin is none that counts.
Comparison compare_systems(const Side& a, const Side& b, double margin);

/// The same of pair_fabrics(): A is the fabric inside a node, B that between nodes. Launches that measured both are
/// compared by paired(). A cost model does not name its launches: its segments are compared by welch(), which takes
/// them as independent and so gives wider intervals where launches are slow on both fabrics.
Comparison compare_fabrics(const Side& side, double margin);

/// What became slower from A to B: the points with the verdict `A faster`, without segments and notes.
Comparison regressions(const Comparison& comparison);

/// Points with a verdict.
std::size_t count(const Comparison& comparison, Verdict verdict);

/// Whether any point has launches enough for a verdict.
bool has_verdicts(const Comparison& comparison);

}  // namespace hockney::compare
