#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cost/cost_model.hpp"
#include "record/launch.hpp"

namespace hockney::compare {

/// One curve of a side of a comparison.
struct SideCurve {
  cost::CostCurve curve;                                           ///< segments: none where it has one payload only
  std::vector<std::string> launches;                               ///< how to name each launch in a message
  std::vector<std::vector<std::optional<double>>> launch_times_s;  ///< [launch][point] medians, nothing where not
                                                                   ///< measured; no launches of a cost model
  std::vector<double> clock_steps_s{};  ///< [point] smallest step of the clocks behind it; 0: not known
  std::vector<std::string>
      fitted_launches{};  ///< whose parameters AlphaBeta::launches holds; of a cost model not known

  /// Logarithms of the medians of the launches that measured a point.
  std::vector<double> launch_logs(std::size_t point) const;

  /// What is known of a point: the geometric mean of its launches' medians; of a cost model, which holds none, its
  /// time.
  double time_s(std::size_t point) const;
};

/// One side of a comparison: what a user calls it, and its curves. All are of one machine.
struct Side {
  std::string name;       ///< as the user gave it
  std::string machine{};  ///< LaunchInfo::machine; empty: not known
  std::size_t launches = 0;
  bool is_model = false;  ///< a fitted cost model: no medians of launches are at hand
  std::vector<SideCurve> curves{};
  std::vector<std::string> notes{};  ///< what did not take part, with reasons
};

/// The curves of a campaign, as fit::gather_curves() makes them, fitted where they have two payloads. Points that are
/// no measurement of a network take part with their flags. Throws InputError for launches of several machines, and as
/// gather_curves() does.
Side side_of(const std::string& name, std::span<const Launch> launches);

/// The curves of a cost model. Throws InputError for several machines.
Side side_of(const std::string& name, cost::CostModel model);

}  // namespace hockney::compare
