#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/rates.hpp"
#include "base/seconds.hpp"
#include "cost/curve_parts.hpp"
#include "plan/case.hpp"
#include "record/measurement.hpp"
#include "record/stated_line_rate.hpp"
#include "record/statistics.hpp"

namespace hockney::cost {

/// Flags of points that say nothing about a network: fitted only when asked for, never predicted from.
inline constexpr Flags no_network_constant{static_cast<std::uint32_t>(Flag::emulated) |
                                           static_cast<std::uint32_t>(Flag::shared_gpu)};

/// One launch's own parameters of a segment; the borders are those of the pooled fit.
struct LaunchParameters {
  double alpha_s = 0;
  double beta_s_per_byte = 0;
};

/// One segment of a cost curve: t(m) = alpha + beta m for from <= m <= to. Never valid outside.
struct AlphaBeta {
  Bytes from;
  Bytes to;
  double alpha_s = 0;                                              ///< >= 0
  double beta_s_per_byte = 0;                                      ///< >= 0
  Interval alpha_interval_s;                                       ///< 95 %, basis as in CostCurve::basis
  Interval beta_interval_s_per_byte;                               ///< likewise
  double covariance_aa = 0, covariance_ab = 0, covariance_bb = 0;  ///< of (alpha, beta): s^2, s^2/byte, s^2/byte^2
  std::uint32_t points = 0;
  double residual_median = 0;  ///< median of |fit / measured - 1| over its points, a fraction
  double residual_max = 0;
  std::vector<LaunchParameters> launches;  ///< one per launch; empty with fewer than two launches

  Seconds at(Bytes payload) const { return Seconds{alpha_s + beta_s_per_byte * static_cast<double>(payload.count)}; }
};

/// One measured point that a curve was fitted to: medians over launches of launch medians.
struct CurvePoint {
  Bytes payload;
  double time_s = 0;
  double relative_error = 0;  ///< relative standard error that the fit weighted with, its floor included
  std::string label{};        ///< "algorithm/protocol/channels" that ran ("Ring/LL/4", of "mixed" channels where its
                              ///< visits differ); empty: not told, or not always the same
};

/// Where the algorithm or the protocol changed between two neighbouring segments.
struct Border {
  Bytes after{};        ///< largest size of the segment below
  Bytes before{};       ///< smallest size of the segment above
  bool forced = false;  ///< the labels of both sizes differ
  bool exact = false;   ///< forced, and the two sizes lie within 1 %: the switch is known, not estimated
  Bytes earliest{};     ///< 95 % of the resamples of launches that found as many segments put `after` at or above this
  Bytes latest{};       ///< and `before` at or below this; both as `after` and `before` without launches
};

/// How well several ways to read the same points do. "Left out": each interior size in turn is taken away, everything
/// is fitted again, and the size is predicted.
struct Validation {
  ErrorQuantiles in_sample{};                ///< the segments' lines on their own points
  ErrorQuantiles single_line_in_sample{};    ///< one relative-weighted straight line on its own points
  ErrorQuantiles least_squares_in_sample{};  ///< one line by ordinary least squares on its own points
  ErrorQuantiles leave_one_out{};            ///< what CostCurve::at answers, sizes left out
  ErrorQuantiles inside_segment{};           ///< of these, sizes that fell inside a segment of the others
  ErrorQuantiles at_switch{};                ///< of these, sizes between two segments of the others
  ErrorQuantiles segments{};       ///< the bare segments, log-log interpolation in gaps, the same sizes left out
  ErrorQuantiles log_log{};        ///< log-log interpolation between the neighbours, the same sizes left out
  ErrorQuantiles single_line{};    ///< one relative-weighted straight line, the same sizes left out
  ErrorQuantiles least_squares{};  ///< ordinary least squares, the same sizes left out
  ErrorQuantiles
      leave_one_launch_out{};  ///< segments fitted to the other launches, at every time of the launch left out
  ErrorQuantiles off_grid{};   ///< CostCurve::at at measured sizes that were kept out of the fit
  std::uint32_t held_out = 0;  ///< sizes left out, one at a time
};

/// The fitted cost of one operation on one group, fabric and mode.
struct CostCurve {
  Case shape;                       ///< every factor of the curve; its payload, and of collectives
                                    ///< operations_per_sample, mean nothing
  std::vector<AlphaBeta> segments;  ///< ascending, disjoint, not continuous
  std::vector<CurvePoint> points;   ///< ascending
  IntervalBasis basis = IntervalBasis::within_launch;
  std::uint32_t launches = 1;
  Statistic statistic = Statistic::max_over_ranks;
  Flags flags;  ///< union over its points (simulated, oversubscribed, shared_gpu ...)
  std::string machine;
  std::string source;             ///< citation of imported data; else empty
  std::vector<Border> borders{};  ///< one between every two segments
  bool segments_capped = false;   ///< the search ended at its greatest number of segments
  double k_stability = 0;         ///< share of the resamples of launches with as many segments; 0 without launches
  std::uint32_t resamples = 0;    ///< of launches, behind k_stability and the range of each border
  Validation validation;

  std::string name() const { return shape.curve_name(); }

  /// Time of one operation at a payload, s, without its interval: what at() answers as value_s. Between the smallest
  /// and the largest measured size it is local_time() of the measured neighbours (cost/local_law.hpp), so that at a
  /// measured size it is what was measured. Outside, and of a curve without points, it is the segments' answer: the
  /// line of the segment (outside: of the nearest one), in a gap log-log interpolation of the two end values; above the
  /// largest size times what was measured there over the line, so that the answer goes on from it.
  /// Neighbours are better than segments at predicting a size that was left out: hockney fit --scoreboard shows by how
  /// much; segments describe the whole curve by few numbers and can be carried further. O(log n), allocates nothing.
  /// Throws Failure when the curve has no segment.
  double time_at(Bytes payload) const;

  /// time_at() with a 95 % interval. In a gap it is marked in_gap, outside the measured payloads extrapolated. Throws
  /// Failure when the curve has no segment, or claims IntervalBasis::launches but holds fewer than two launches.
  ///
  /// The interval is that of the segment's line m -> t(m), made on the log scale, since errors are relative:
  ///   launches                      Student t over the logs of the launches' own answers;
  ///   within_launch, assumed_noise  t * exp(-+1.96 s / t), s^2 = var(alpha + beta m) from the covariance;
  ///   line_rate                     alpha.low + beta.low m to alpha.high + beta.high m,
  /// joined with the same interval times value / t: either the line is right and the points are noise, or the points
  /// are and the line is too simple. Between two measured sizes it also holds value * exp(-+1.96 s), s what the law of
  /// the neighbours misses near by (log_error_between()). In a gap it is the log-log interpolation of the two ends'
  /// intervals, joined with the intervals of both segments' lines at m: the switch is somewhere between, so either law
  /// may hold. It never falls below 0 and always holds the value. Outside the measured payloads both ends move away
  /// from the value by another factor 1 + e per octave, e = the leave-one-size-out 95th percentile of the curve, at
  /// least 5 %: a rule, not a statistic, for what no measurement has seen.
  Estimate at(Bytes payload) const;
};

/// The fitted curves of one machine, or of several.
struct CostModel {
  std::string name;
  std::string created_by;            ///< "hockney 0.1.0 fit"
  std::vector<std::string> sources;  ///< campaigns or citations that it was fitted from
  std::vector<CostCurve> curves;
  std::vector<StatedLineRate> line_rates{};  ///< fabrics without a curve: stated, never measured

  /// Union over its curves.
  Flags flags() const;

  /// The stated line rate of the fastest kind of fabric between nodes; nothing where none is stated.
  std::optional<StatedLineRate> line_rate_between_nodes() const;

  /// Reads *.cost.json. Throws InputError with file and key for unknown keys (naming the nearest known one), missing
  /// keys, values that cannot be (negative parameters, segments out of order) and another major version. Models of
  /// version 1.0 have curves without reduction, buffers, cache and routing: these are the defaults of Case. Models
  /// before 1.2 state no line rates, tell no labels, borders and stability, and less of the validation: their counts
  /// are then 0. The "group_laws" of earlier programs are passed over: their curves are in the same file, and what
  /// these say of other ranks errs no more.
  static CostModel read(const std::filesystem::path& file);

  /// The same from text; `origin` stands for the file name in messages.
  static CostModel parse(std::string_view text, const std::string& origin);

  /// The model as JSON text, schema "hockney cost model" 1.2.0; every unit stands in its key. Numbers are printed in
  /// the shortest form that reads back to the same bits. Throws Failure for a number that is not finite.
  std::string json() const;

  /// Writes json() to a temporary file beside `file` and renames it. Throws InputError where that cannot be written.
  void write(const std::filesystem::path& file) const;
};

}  // namespace hockney::cost
