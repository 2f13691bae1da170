#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cost/cost_model.hpp"
#include "record/launch.hpp"

namespace hockney::fit {

/// The points of one curve, pooled and per launch, ready to be fitted.
struct CurveData {
  Case
      shape;  ///< with its software; payload, and of collectives operations_per_sample, as in Case{}: they mean nothing
  std::string machine;
  std::string source;  ///< citations of imported launches; else empty
  Statistic statistic = Statistic::max_over_ranks;
  Flags flags;                                                     ///< union over the points that take part
  cost::IntervalBasis basis = cost::IntervalBasis::within_launch;  ///< what the relative errors of the points rest on
  std::vector<cost::CurvePoint> points;                            ///< ascending in payload
  std::vector<double> clock_steps_s{};                             ///< [point] the largest of its visits; 0: not known
  std::vector<std::string> launches;                               ///< how to name each launch in a message
  std::vector<std::vector<std::optional<double>>> launch_times_s;  ///< [launch][point]; nothing where not measured
};

/// Groups the measurements of all launches into curves, by machine, software_of() the launch and Case::curve_name(), in
/// that order. What tells the software of several launches of one machine apart is noted.
///
/// Per launch and payload: the median over all samples of all passes. Per payload: the median over launches, on the log
/// scale. Its relative variance is se^2 + 0.01^2, where se is the relative standard error of that median:
///   two launches or more   sqrt(v / R), v the variance of ln t between R launches, pulled towards the mean of v over
///                          the curve's payloads with the weight of 4 degrees of freedom (a moderated variance: Smyth
///                          2004, doi:10.2202/1544-6115.1027), times sqrt(pi/2) from R = 3 on, the price of the median;
///   one launch             half the 95 % interval of its median / 1.96;
///   fewer than 6 samples   not known (single numbers of imported logs): the relative error is 0.03.
/// The floor of 1 % is what a straight line is not trusted beyond.
///
/// A point's label is "algorithm/protocol/channels" as the library told it, the same in every visit; "mixed" channels
/// where these differ; none where a visit tells nothing or algorithm or protocol differ, which is noted.
///
/// Left out, with a line in `notes` for each curve and reason: visits that are not usable() or have payload 0. Curves
/// of fewer than `least_payloads` are left out too ("not fitted: ..."). Launches of several machines are kept apart and
/// noted. Health scans (scan::is_scan) have no curves, which is noted.
///
/// Throws InputError that names the launch when a point has a flag of no_network_constant that is not in `admitted`,
/// when points that differ in simulated, emulated or shared_gpu, or in their statistic, meet in one curve, and when a
/// launch is given twice.
std::vector<CurveData> gather_curves(std::span<const Launch> launches, Flags admitted, std::vector<std::string>& notes,
                                     std::size_t least_payloads = 2);

/// How a message names a launch: its file, and what it was imported from.
std::string label_of(const LaunchInfo& launch);

}  // namespace hockney::fit
