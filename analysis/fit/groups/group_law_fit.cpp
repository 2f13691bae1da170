#include "fit/groups/group_law_fit.hpp"

#include <Eigen/Cholesky>
#include <Eigen/SVD>
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "fit/groups/nnls.hpp"

namespace hockney::fit {
namespace {

using Terms = std::vector<cost::TermKind>;

bool crosses(const Group& group) { return group.nodes() > 1; }

std::vector<GroupPoint> crossing(std::span<const GroupPoint> points) {
  std::vector<GroupPoint> result;
  std::copy_if(points.begin(), points.end(), std::back_inserter(result),
               [](const GroupPoint& point) { return crosses(point.group); });
  return result;
}

std::vector<Group> groups_of(std::span<const GroupPoint> points) {
  std::set<Group> groups;
  for (const GroupPoint& point : points) {
    groups.insert(point.group);
  }
  return {groups.begin(), groups.end()};
}

Terms all_to_all_terms(std::span<const Group> groups) {
  Terms terms{cost::TermKind::alpha0, cost::TermKind::rank};
  if (std::any_of(groups.begin(), groups.end(), [](const Group& group) { return group.ranks > group.nodes(); })) {
    terms.push_back(cost::TermKind::byte_intra);
  }
  if (std::any_of(groups.begin(), groups.end(), crosses)) {
    terms.push_back(cost::TermKind::byte_inter);
  }
  return terms;
}

// The richest terms that the groups may tell apart; the condition number has the last word.
Terms terms_of(cost::LawKind law, std::span<const Group> groups, bool with_one_node) {
  if (law == cost::LawKind::all_to_all_max || law == cost::LawKind::all_to_all_sum) {
    return all_to_all_terms(groups);
  }
  const bool inside = std::none_of(groups.begin(), groups.end(), crosses);
  const bool one_per_node =
      std::all_of(groups.begin(), groups.end(), [](const Group& group) { return group.ranks_per_node == 1; });
  const bool has_intra = law == cost::LawKind::ring || law == cost::LawKind::tree;
  Terms terms{cost::TermKind::alpha0};
  if (has_intra && (inside || with_one_node)) {
    terms.push_back(cost::TermKind::intra_step);
  }
  if (!inside && law != cost::LawKind::nvls) {
    const bool only_sum = law == cost::LawKind::ring && !with_one_node && !one_per_node;
    terms.push_back(only_sum ? cost::TermKind::added_node : cost::TermKind::inter_step);
  }
  if (law == cost::LawKind::pat) {
    terms.push_back(cost::TermKind::rank);
  }
  terms.push_back(cost::TermKind::byte);
  if (with_one_node) {
    terms.push_back(cost::TermKind::byte_one_node);
  }
  return terms;
}

/// Weighted columns, one row per point; the target is 1/sigma.
struct Design {
  Eigen::MatrixXd columns;
  Eigen::VectorXd target;
  Eigen::VectorXd scale;  // norm of every weighted column
};

/// How all-to-all bytes are dealt out: groups from this ratio of bytes between nodes to bytes inside on wait for the
/// network, those below it for the node.
using Threshold = std::optional<double>;

double network_share(const Group& group) {
  const double p = group.ranks;
  const double g = p / group.nodes();
  return g == 1 ? HUGE_VAL : (p - g) / (g - 1);
}

double factor_of(cost::TermKind term, cost::LawKind law, Operation operation, const GroupPoint& point,
                 bool with_one_node, Threshold threshold) {
  if (threshold && (term == cost::TermKind::byte_intra || term == cost::TermKind::byte_inter)) {
    const bool network_waits = network_share(point.group) >= *threshold;
    if (network_waits != (term == cost::TermKind::byte_inter)) {
      return 0;
    }
  }
  return cost::term_factor(term, law, operation, point.group, point.payload, with_one_node);
}

Design design_of(const Terms& terms, cost::LawKind law, Operation operation, std::span<const GroupPoint> points,
                 bool with_one_node, double noise, Threshold threshold) {
  Design design;
  const auto rows = static_cast<Eigen::Index>(points.size());
  design.columns.resize(rows, static_cast<Eigen::Index>(terms.size()));
  design.target.resize(rows);
  for (Eigen::Index row = 0; row < rows; ++row) {
    const GroupPoint& point = points[static_cast<std::size_t>(row)];
    const double sigma = std::hypot(point.relative_error, noise);
    design.target[row] = 1 / sigma;
    for (std::size_t i = 0; i < terms.size(); ++i) {
      design.columns(row, static_cast<Eigen::Index>(i)) =
          factor_of(terms[i], law, operation, point, with_one_node, threshold) / (point.time_s * sigma);
    }
  }
  design.scale = design.columns.colwise().norm();
  for (Eigen::Index i = 0; i < design.scale.size(); ++i) {
    if (design.scale[i] > 0) {
      design.columns.col(i) /= design.scale[i];
    }
  }
  return design;
}

double condition_of(const Eigen::MatrixXd& columns) {
  const Eigen::VectorXd values = columns.jacobiSvd().singularValues();
  const double least = values[values.size() - 1];
  return least > 0 && columns.rows() >= columns.cols() ? values[0] / least : HUGE_VAL;
}

Eigen::MatrixXd without_column(const Eigen::MatrixXd& columns, Eigen::Index left_out) {
  Eigen::MatrixXd rest(columns.rows(), columns.cols() - 1);
  for (Eigen::Index i = 0, at = 0; i < columns.cols(); ++i) {
    if (i != left_out) {
      rest.col(at++) = columns.col(i);
    }
  }
  return rest;
}

// Leaves out the terms that the others nearly make up; returns the condition number of what stays.
double keep_separable(Terms& terms, Design& design) {
  double condition = condition_of(design.columns);
  while (condition > most_condition && terms.size() > 1) {
    std::size_t best = 0;
    double least = HUGE_VAL;
    for (std::size_t i = 0; i < terms.size(); ++i) {
      const double rest = condition_of(without_column(design.columns, static_cast<Eigen::Index>(i)));
      if (rest < least || i == 0) {
        least = rest;
        best = i;
      }
    }
    design.columns = without_column(design.columns, static_cast<Eigen::Index>(best));
    const Eigen::MatrixXd scale = design.scale.transpose();
    design.scale = without_column(scale, static_cast<Eigen::Index>(best)).transpose();
    terms.erase(terms.begin() + static_cast<std::ptrdiff_t>(best));
    condition = least;
  }
  return condition;
}

std::optional<LawFit> fit_terms(cost::LawKind law, Operation operation, std::span<const GroupPoint> points,
                                double noise, bool with_one_node, Threshold threshold) {
  Terms terms = terms_of(law, groups_of(points), with_one_node);
  Design design = design_of(terms, law, operation, points, with_one_node, noise, threshold);
  LawFit fit;
  fit.regime.law = law;
  fit.regime.with_one_node = with_one_node;
  fit.regime.condition = keep_separable(terms, design);
  const Eigen::VectorXd x = non_negative_least_squares(design.columns, design.target);
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const auto at = static_cast<Eigen::Index>(i);
    fit.regime.terms.push_back({terms[i], design.scale[at] > 0 ? x[at] / design.scale[at] : 0, {}});
  }
  double cost = 0;
  for (const GroupPoint& point : points) {
    const double time = fit.regime.time_at(operation, point.group, point.payload);
    if (!(time > 0) || !std::isfinite(time)) {
      return std::nullopt;
    }
    fit.logs.push_back(std::log(time / point.time_s));
    const double deviation = fit.logs.back() / std::hypot(point.relative_error, noise);
    cost += deviation * deviation;
  }
  fit.criterion = cost + static_cast<double>(terms.size()) * std::log(static_cast<double>(points.size()));
  fit.regime.points = static_cast<std::uint32_t>(points.size());
  return fit;
}

std::vector<Threshold> thresholds_of(cost::LawKind law, std::span<const GroupPoint> points) {
  if (law != cost::LawKind::all_to_all_max) {
    return {std::nullopt};
  }
  std::set<double> ratios{HUGE_VAL};
  for (const GroupPoint& point : points) {
    ratios.insert(network_share(point.group));
  }
  return {ratios.begin(), ratios.end()};
}

double mean_square_between(const std::map<Group, std::vector<double>>& by_group) {
  double sum = 0;
  for (const auto& [group, logs] : by_group) {
    const double average = mean(logs);
    sum += static_cast<double>(logs.size()) * average * average;
  }
  return sum / std::max<double>(1, static_cast<double>(by_group.size()) - 1);
}

// Share of the residuals' variance that the points of a group have in common, and points of a group.
std::pair<double, double> shared_variance(const LawFit& fit, std::span<const GroupPoint> points) {
  std::map<Group, std::vector<double>> by_group;
  for (std::size_t i = 0; i < points.size(); ++i) {
    by_group[points[i].group].push_back(fit.logs[i]);
  }
  const double count = static_cast<double>(points.size()) / static_cast<double>(by_group.size());
  double within = 0;
  for (const auto& [group, logs] : by_group) {
    const double average = mean(logs);
    for (const double log : logs) {
      within += (log - average) * (log - average);
    }
  }
  const double freedom = std::max<double>(1, static_cast<double>(points.size() - by_group.size()));
  within /= freedom;
  const double between = mean_square_between(by_group);
  const double total = between + (count - 1) * within;
  return {total > 0 ? std::clamp((between - within) / total, 0.0, 1.0) : 0, count};
}

double student_t(double freedom) {
  const auto n = static_cast<std::size_t>(std::max(1.0, std::floor(freedom))) + 1;
  return student_half_width(n) * std::sqrt(static_cast<double>(n));
}

}  // namespace

std::vector<cost::LawKind> candidate_laws(Operation operation, const std::string& algorithm) {
  std::string name;
  for (const char c : algorithm) {
    if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
      name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  const std::map<std::string, cost::LawKind> known{{"ring", cost::LawKind::ring},
                                                   {"tree", cost::LawKind::tree},
                                                   {"nvls", cost::LawKind::nvls},
                                                   {"nvlstree", cost::LawKind::nvls_tree},
                                                   {"pat", cost::LawKind::pat}};
  if (const auto found = known.find(name); found != known.end()) {
    return {found->second};
  }
  switch (operation) {
    case Operation::all_to_all:
    case Operation::all_to_all_v:
      return {cost::LawKind::all_to_all_max, cost::LawKind::all_to_all_sum};
    case Operation::all_gather:
    case Operation::reduce_scatter:
      return {cost::LawKind::ring, cost::LawKind::pat, cost::LawKind::nvls};
    default:
      return {cost::LawKind::ring, cost::LawKind::tree, cost::LawKind::nvls};
  }
}

bool separates_steps(std::span<const Group> groups) {
  std::set<std::uint32_t> nodes;
  std::set<std::uint32_t> per_node;
  for (const Group& group : groups) {
    nodes.insert(group.nodes());
    per_node.insert(group.nodes() == 1 ? group.ranks : group.ranks_per_node);
  }
  constexpr std::size_t one_and_two_others = 3;
  return nodes.contains(1) && nodes.size() >= one_and_two_others && per_node.size() >= 2;
}

std::optional<LawFit> fit_law(cost::LawKind law, Operation operation, std::span<const GroupPoint> points, double noise,
                              std::size_t least_sizes) {
  const std::vector<GroupPoint> between = crossing(points);
  const bool all_inside = between.empty();
  const bool joins =
      !all_inside && separates_steps(groups_of(points)) && (law == cost::LawKind::ring || law == cost::LawKind::tree);
  const bool uses_all =
      all_inside || joins || law == cost::LawKind::all_to_all_max || law == cost::LawKind::all_to_all_sum;
  const std::span<const GroupPoint> used = uses_all ? points : between;
  std::set<Bytes> payloads;
  for (const GroupPoint& point : used) {
    payloads.insert(point.payload);
  }
  const std::vector<Group> groups = groups_of(used);
  if (groups.size() < least_sizes || payloads.size() < 2) {
    return std::nullopt;
  }
  std::optional<LawFit> best;
  for (const Threshold threshold : thresholds_of(law, used)) {
    auto fit = fit_terms(law, operation, used, noise, joins, threshold);
    if (fit && (!best || fit->criterion < best->criterion)) {
      best = std::move(fit);
    }
  }
  if (best) {
    best->regime.from = *payloads.begin();
    best->regime.to = *payloads.rbegin();
  }
  return best;
}

void describe_uncertainty(LawFit& fit, Operation operation, std::span<const GroupPoint> points, double noise) {
  cost::LawRegime& regime = fit.regime;
  std::vector<GroupPoint> used(points.begin(), points.end());
  if (fit.logs.size() != points.size()) {
    used = crossing(points);
  }
  Terms terms;
  for (const cost::LawTerm& term : regime.terms) {
    terms.push_back(term.kind);
  }
  const Design design = design_of(terms, regime.law, operation, used, regime.with_one_node, noise, std::nullopt);
  const auto [shared, count] = shared_variance(fit, used);
  const double inflation = 1 + std::max(0.0, count - 1) * shared;
  const auto parameters = static_cast<double>(std::count_if(regime.terms.begin(), regime.terms.end(),
                                                            [](const cost::LawTerm& term) { return term.value > 0; }));
  const double n = static_cast<double>(used.size());
  double squares = 0;
  double chi_square = 0;
  for (std::size_t i = 0; i < used.size(); ++i) {
    squares += fit.logs[i] * fit.logs[i];
    const double deviation = fit.logs[i] / std::hypot(used[i].relative_error, noise);
    chi_square += deviation * deviation;
  }
  const double freedom = std::max(1.0, n - parameters);
  const double sizes = static_cast<double>(groups_of(used).size());
  regime.scatter = std::sqrt(squares / freedom);
  regime.freedom = std::max({1.0, sizes - 2, freedom / inflation});
  const double scale = inflation * std::max(1.0, chi_square / freedom);
  const Eigen::MatrixXd normal = design.columns.transpose() * design.columns;
  const Eigen::MatrixXd inverse = normal.ldlt().solve(Eigen::MatrixXd::Identity(normal.rows(), normal.cols())) * scale;
  const std::size_t size = regime.terms.size();
  regime.covariance.assign(size * size, 0);
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j < size; ++j) {
      const auto row = static_cast<Eigen::Index>(i);
      const auto column = static_cast<Eigen::Index>(j);
      const double scales = design.scale[row] * design.scale[column];
      regime.covariance[i * size + j] = scales > 0 ? inverse(row, column) / scales : 0;
    }
    cost::LawTerm& term = regime.terms[i];
    const double half = student_t(regime.freedom) * std::sqrt(std::max(0.0, regime.covariance[i * size + i]));
    term.interval = {std::max(0.0, term.value - half), term.value + half};
  }
}

}  // namespace hockney::fit
