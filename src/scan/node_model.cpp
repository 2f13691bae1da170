#include "scan/node_model.hpp"

#include <algorithm>
#include <cmath>

#include "record/statistics.hpp"

namespace hockney::scan {
namespace {

struct Equation {
  std::uint32_t one = 0;
  std::uint32_t other = 0;
  double logarithm = 0;  ///< of the time
  double weight = 1;
};

// One sweep of Gauss-Seidel over ln t(i, j) = share(i) + share(j).
void sweep(std::vector<double>& shares, const std::vector<Equation>& equations,
           const std::vector<std::vector<std::size_t>>& of_node) {
  for (std::uint32_t node = 0; node < shares.size(); ++node) {
    double weights = 0;
    double sum = 0;
    for (const std::size_t index : of_node[node]) {
      const Equation& equation = equations[index];
      const std::uint32_t partner = equation.one == node ? equation.other : equation.one;
      weights += equation.weight;
      sum += equation.weight * (equation.logarithm - shares[partner]);
    }
    shares[node] = weights > 0 ? sum / weights : shares[node];
  }
}

std::vector<double> shares_of(std::vector<Equation>& equations, std::uint32_t nodes, double level) {
  constexpr int reweightings = 60;
  constexpr int sweeps = 4;
  constexpr double smallest_error = 1e-3;
  std::vector<std::vector<std::size_t>> of_node(nodes);
  for (std::size_t i = 0; i < equations.size(); ++i) {
    of_node[equations[i].one].push_back(i);
    of_node[equations[i].other].push_back(i);
  }
  std::vector<double> shares(nodes, level / 2);
  for (int round = 0; round < reweightings; ++round) {
    for (int i = 0; i < sweeps; ++i) {
      sweep(shares, equations, of_node);
    }
    for (Equation& each : equations) {
      const double error = each.logarithm - shares[each.one] - shares[each.other];
      each.weight = 1 / std::max(std::abs(error), smallest_error);
    }
  }
  return shares;
}

}  // namespace

double NodeModel::residual(const PairTime& time) const { return std::log(time.time_s) - expected(time.nodes); }

NodeModel fit_nodes(std::span<const PairTime> times, std::uint32_t nodes) {
  std::vector<Equation> equations;
  std::vector<double> logarithms;
  for (const PairTime& time : times) {
    equations.push_back({time.nodes.one, time.nodes.other, std::log(time.time_s)});
    logarithms.push_back(equations.back().logarithm);
  }
  NodeModel model;
  model.level = median(logarithms);
  model.excess.assign(nodes, 0);
  model.spread = least_spread;
  if (nodes < least_nodes) {
    return model;
  }
  const std::vector<double> shares = shares_of(equations, nodes, model.level);
  const double typical = median(shares);
  model.level = 2 * typical;
  std::transform(shares.begin(), shares.end(), model.excess.begin(), [&](double share) { return share - typical; });
  model.spread = std::max(least_spread, robust_deviation(model.excess));
  return model;
}

}  // namespace hockney::scan
