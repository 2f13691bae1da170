#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hockney::compare {

/// Hours of a year of 365.25 days. Machines are paid for around the clock, whether they work or not.
inline constexpr double hours_per_year = 8766;

/// What one node, or a whole cluster of them, costs in USD.
struct Price {
  enum class Of {
    node_hour,  ///< rented
    node,       ///< bought
    cluster,    ///< bought, all nodes and what belongs to them
  };
  Of of = Of::node_hour;
  double usd = 0;      ///< above 0
  double years = 0;    ///< bought: in which it is written off, with nothing left
  double network = 0;  ///< of nodes bought: share of the cluster's price that its network is, a fraction
  double storage = 0;  ///< likewise of its storage
  std::string text;    ///< as it was given

  bool is_bought() const { return of != Of::node_hour; }

  /// What a cluster costs to buy: nodes usd / (1 - network - storage); the price itself of a cluster. Nothing where it
  /// is rented.
  std::optional<double> to_buy(double nodes) const;

  /// What a cluster costs by the hour: rented, or bought and written off evenly.
  double per_hour(double nodes) const;
};

/// Reads
///   32.77/h                      rented: a node for an hour
///   199000/system,3y,15%,20%     bought: a node, written off in 3 years; network and storage are 15 % and 20 % of what
///                                the whole cluster costs, and 0 where they are not given
///   75e6/cluster,3y              bought: all nodes with what belongs to them
/// Throws InputError that says what was expected.
Price parse_price(std::string_view text);

/// A training run at a price.
struct RunCost {
  double steps = 0;
  double seconds = 0;
  double usd = 0;
  double usd_per_million_tokens = 0;
};

/// A run over `tokens` in steps of `tokens_per_step`, the last one whole, each of `step_s` seconds, on `nodes` nodes.
RunCost run_cost(const Price& price, double tokens, double tokens_per_step, double step_s, double nodes);

}  // namespace hockney::compare
