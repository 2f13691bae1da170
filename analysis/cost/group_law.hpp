#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/names.hpp"
#include "cost/curve_parts.hpp"
#include "plan/case.hpp"
#include "record/measurement.hpp"
#include "record/statistics.hpp"
#include "vocabulary/group.hpp"

namespace hockney::cost {

/// How the time of a collective grows with its group, after NCCL's own model (src/graph/tuning.cc of NCCL 2.30). With
/// p ranks on N nodes of g = p/N, payload m, c = 2 for all-reduce and 1 otherwise:
///   ring            alpha0 + c N (g-1) a_intra + c (N-1) a_inter + m c (p-1)/p / B   (rooted operations: m / B)
///   tree            alpha0 + 2 (g-1) a_intra + 2 floor(log2 N) a_inter + m / B
///   nvls            alpha0 + m / B
///   nvls_tree       alpha0 + 2 floor(log2 N) a_inter + m / B
///   pat             alpha0 + log2 N a_inter + p a_rank + m (p-1)/p / B
///   all_to_all_max  alpha0 + (p-1) a_rank + max(m (g-1)/p / B_intra, m (p-g)/p / B_inter)
///   all_to_all_sum  the same with the sum of both
/// The all-to-all laws are no part of NCCL's model: the data choose.
enum class LawKind { ring, tree, nvls, nvls_tree, pat, all_to_all_max, all_to_all_sum };

struct LawKindNames {
  static constexpr std::string_view what = "law over ranks";
  static constexpr std::array<NamedValue<LawKind>, 7> table{{{LawKind::ring, "ring"},
                                                             {LawKind::tree, "tree"},
                                                             {LawKind::nvls, "nvls"},
                                                             {LawKind::nvls_tree, "nvls_tree"},
                                                             {LawKind::pat, "pat"},
                                                             {LawKind::all_to_all_max, "all_to_all_max"},
                                                             {LawKind::all_to_all_sum, "all_to_all_sum"}}};
};
LawKindNames names_of(LawKind);

/// What a coefficient of a law multiplies. The names of sums say what cannot be told apart.
enum class TermKind {
  alpha0,         ///< 1; in a law without a_intra it holds that law's intra-node steps too
  intra_step,     ///< ring: c N (g-1); tree: 2 (g-1)
  inter_step,     ///< ring: c (N-1); tree, nvls_tree: 2 floor(log2 N); pat: log2 N
  added_node,     ///< ring, N-1: the sum c (g-1) a_intra + c a_inter of one more node
  rank,           ///< all_to_all: p-1; pat: p
  byte,           ///< the law's bytes, of groups that cross nodes or of the only kind there is
  byte_one_node,  ///< the same, of groups inside a node, where others cross nodes
  byte_intra,     ///< all_to_all: m (g-1)/p
  byte_inter,     ///< all_to_all: m (p-g)/p
};

struct TermKindNames {
  static constexpr std::string_view what = "term of a law over ranks";
  static constexpr std::array<NamedValue<TermKind>, 9> table{{{TermKind::alpha0, "alpha0"},
                                                              {TermKind::intra_step, "intra_step"},
                                                              {TermKind::inter_step, "inter_step"},
                                                              {TermKind::added_node, "added_node"},
                                                              {TermKind::rank, "rank"},
                                                              {TermKind::byte, "byte"},
                                                              {TermKind::byte_one_node, "byte_one_node"},
                                                              {TermKind::byte_intra, "byte_intra"},
                                                              {TermKind::byte_inter, "byte_inter"}}};
};
TermKindNames names_of(TermKind);

/// Whether a term's coefficient is in seconds per byte; else it is in seconds.
constexpr bool is_per_byte(TermKind term) { return term >= TermKind::byte; }

/// The factor of a term's coefficient, as LawKind says: a number, or bytes. `with_one_node`: the law was fitted to
/// groups inside a node and across nodes, so that `byte` counts for groups that cross nodes only.
double term_factor(TermKind term, LawKind law, Operation operation, const Group& group, Bytes payload,
                   bool with_one_node);

/// One coefficient. Not below 0.
struct LawTerm {
  TermKind kind = TermKind::alpha0;
  double value = 0;   ///< s, or s/byte
  Interval interval;  ///< 95 %, cut at 0
};

/// A law that was compared with the chosen one: lower is better.
struct RivalLaw {
  LawKind law = LawKind::ring;
  double criterion = 0;  ///< Bayesian information criterion over the regime's points
};

/// One law over a range of payloads: libraries change algorithm and protocol with size.
struct LawRegime {
  Bytes from;
  Bytes to;
  LawKind law = LawKind::ring;
  bool with_one_node = false;
  std::vector<LawTerm> terms;
  std::vector<double> covariance;  ///< of the coefficients, terms x terms, row-major
  double scatter = 0;              ///< standard deviation of ln(measured / law): noise and misfit, a fraction
  double freedom = 1;    ///< degrees of freedom behind scatter, fewer where the points of one group err together
  double condition = 1;  ///< condition number of the weighted, column-scaled design
  std::uint32_t points = 0;
  std::vector<RivalLaw> rivals;  ///< all laws that were tried, the best first; one where the algorithm is known

  /// Time of one operation of a group by the law, s.
  double time_at(Operation operation, const Group& group, Bytes payload) const;
};

/// How well the larger half of the group sizes is predicted from those below it, as fractions.
struct HoldOut {
  std::uint32_t points = 0;             ///< 0: nothing could be held out
  std::vector<std::uint32_t> held_out;  ///< ranks of the groups that were predicted, each from all smaller ones
  ErrorQuantiles law;
  ErrorQuantiles nearest;  ///< the time of the largest smaller group, unchanged
  ErrorQuantiles log_log;  ///< the power law through the two largest smaller groups
};

/// The fit over rank count and nodes of curves that differ in nothing else.
struct GroupLaw {
  Case shape;  ///< what the curves share; its group has the largest measured size, its payload means nothing
  std::string machine;
  std::string source;
  std::vector<Group> sizes;  ///< measured groups, ascending in ranks
  Flags flags;
  std::vector<LawRegime> regimes;  ///< ascending in payload, disjoint
  HoldOut hold_out;
  double reach =
      2;  ///< how far beyond the measured sizes the law may answer, as a factor; the asker's choice, not stored

  /// The curves' name with the group left open: "all_reduce/nccl/infiniband/n:*x8/...".
  std::string name() const;

  /// Whether the law may answer for a group: as many ranks per node as its largest groups have (inside a node: any), a
  /// count outside the measured ones, and at most `reach` times the most or 1/reach of the fewest nodes
  /// (ranks, for a law inside a node). Nothing is said of other payloads than the regimes'.
  bool reaches(const Group& group, Bytes payload) const;

  /// The law's answer for a group that it reaches, always marked extrapolated, with a remark that names the law and the
  /// measured sizes. Between two regimes the nearer one answers, marked in_gap. The interval is made on the log scale,
  /// of the scatter and the coefficients' covariance with Student's t, and is at least 1 + the 95th percentile of the
  /// hold-out error on either side: a rule, not a statistic, for what no measurement has seen. Throws Failure for a
  /// group that it does not reach.
  Estimate at(const Group& group, Bytes payload) const;
};

}  // namespace hockney::cost
