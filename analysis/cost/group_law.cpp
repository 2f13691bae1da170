#include "cost/group_law.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "base/error.hpp"

namespace hockney::cost {
namespace {

bool is_rooted(Operation operation) {
  return operation == Operation::broadcast || operation == Operation::reduce || operation == Operation::gather ||
         operation == Operation::scatter;
}

double steps_factor(Operation operation) { return operation == Operation::all_reduce ? 2 : 1; }

double floor_log2(double value) { return std::floor(std::log2(value)); }

double levels(LawKind law, double nodes) { return law == LawKind::pat ? std::log2(nodes) : 2 * floor_log2(nodes); }

double whole_bytes(LawKind law, Operation operation, const Group& group, double m) {
  const bool shares = (law == LawKind::ring && !is_rooted(operation)) || law == LawKind::pat;
  return shares ? m * wire_factor(operation, group.ranks) : m;
}

const LawRegime& nearest_regime(const std::vector<LawRegime>& regimes, Bytes payload, bool& in_gap) {
  const auto distance = [payload](const LawRegime& regime) {
    const auto log_of = [](Bytes size) {
      return std::log(static_cast<double>(std::max<std::uint64_t>(1, size.count)));
    };
    return std::max({0.0, log_of(regime.from) - log_of(payload), log_of(payload) - log_of(regime.to)});
  };
  const auto nearest = std::min_element(regimes.begin(), regimes.end(),
                                        [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
  in_gap = distance(*nearest) > 0;
  return *nearest;
}

double relative_variance(const LawRegime& regime, Operation operation, const Group& group, Bytes payload,
                         double value_s) {
  double variance = 0;
  const std::size_t count = regime.terms.size();
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < count; ++j) {
      const auto factor = [&](std::size_t term) {
        return term_factor(regime.terms[term].kind, regime.law, operation, group, payload, regime.with_one_node);
      };
      variance += factor(i) * regime.covariance[i * count + j] * factor(j);
    }
  }
  return std::max(0.0, variance) / (value_s * value_s) + regime.scatter * regime.scatter;
}

// Student's t of a two-sided 95 % interval.
double student_t(double freedom) {
  const auto n = static_cast<std::size_t>(std::max(1.0, std::floor(freedom))) + 1;
  return student_half_width(n) * std::sqrt(static_cast<double>(n));
}

std::string list_sizes(const GroupLaw& law) {
  return fmt::format("{} to {} ranks", law.sizes.front().ranks, law.sizes.back().ranks);
}

}  // namespace

double term_factor(TermKind term, LawKind law, Operation operation, const Group& group, Bytes payload,
                   bool with_one_node) {
  const double p = group.ranks;
  const double nodes = group.nodes();
  const double g = p / nodes;
  const double m = static_cast<double>(payload.count);
  const double c = steps_factor(operation);
  switch (term) {
    case TermKind::alpha0:
      return 1;
    case TermKind::intra_step:
      return law == LawKind::ring ? c * nodes * (g - 1) : 2 * (g - 1);
    case TermKind::inter_step:
      return law == LawKind::ring ? c * (nodes - 1) : levels(law, nodes);
    case TermKind::added_node:
      return nodes - 1;
    case TermKind::rank:
      return law == LawKind::pat ? p : p - 1;
    case TermKind::byte:
      return with_one_node && group.nodes() == 1 ? 0 : whole_bytes(law, operation, group, m);
    case TermKind::byte_one_node:
      return with_one_node && group.nodes() == 1 ? whole_bytes(law, operation, group, m) : 0;
    case TermKind::byte_intra:
      return m * (g - 1) / p;
    case TermKind::byte_inter:
      return m * (p - g) / p;
  }
  return 0;
}

double LawRegime::time_at(Operation operation, const Group& group, Bytes payload) const {
  double time = 0;
  double slowest_part = 0;
  for (const LawTerm& term : terms) {
    const double part = term.value * term_factor(term.kind, law, operation, group, payload, with_one_node);
    const bool overlaps = term.kind == TermKind::byte_intra || term.kind == TermKind::byte_inter;
    if (law == LawKind::all_to_all_max && overlaps) {
      slowest_part = std::max(slowest_part, part);
    } else {
      time += part;
    }
  }
  return time + slowest_part;
}

std::string GroupLaw::name() const {
  const std::string full = shape.curve_name();
  const std::size_t begin = full.find("/n:") + 3;
  const std::size_t end = full.find(shape.group.nodes() > 1 ? 'x' : '/', begin);
  return full.substr(0, begin) + "*" + full.substr(end);
}

bool GroupLaw::reaches(const Group& group, Bytes payload) const {
  if (regimes.empty() || payload < regimes.front().from || payload > regimes.back().to) {
    return false;
  }
  const bool crosses = shape.group.nodes() > 1;
  if (crosses != (group.nodes() > 1) || (crosses && group.ranks_per_node != shape.group.ranks_per_node)) {
    return false;
  }
  const auto count = [crosses](const Group& each) { return crosses ? each.nodes() : each.ranks; };
  double most = 0;
  double fewest = INFINITY;
  for (const Group& size : sizes) {
    if (crosses && size.nodes() == 1) {
      continue;
    }
    most = std::max<double>(most, count(size));
    fewest = std::min<double>(fewest, count(size));
  }
  const double asked = count(group);
  return (asked > most && asked <= reach * most) || (asked < fewest && asked * reach >= fewest);
}

Estimate GroupLaw::at(const Group& group, Bytes payload) const {
  if (!reaches(group, payload)) {
    throw Failure(fmt::format("{}: does not reach {}", name(), to_string(group)));
  }
  Estimate estimate;
  const LawRegime& regime = nearest_regime(regimes, payload, estimate.in_gap);
  estimate.value_s = regime.time_at(shape.operation, group, payload);
  const double t = student_t(regime.freedom);
  const double deviation = std::sqrt(relative_variance(regime, shape.operation, group, payload, estimate.value_s));
  const double factor = std::max(std::exp(t * deviation), 1 + hold_out.law.p95);
  estimate.low_s = estimate.value_s / factor;
  estimate.high_s = estimate.value_s * factor;
  estimate.extrapolated = true;
  estimate.basis = IntervalBasis::assumed_noise;
  estimate.curve = name();
  estimate.remark =
      fmt::format("extrapolated to {} ranks by the {} law of {}{}", group.ranks, name_of(regime.law), list_sizes(*this),
                  regime.rivals.size() > 1 ? " (algorithm not known: chosen by BIC)" : "");
  return estimate;
}

}  // namespace hockney::cost
