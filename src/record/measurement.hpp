#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/names.hpp"
#include "base/rates.hpp"
#include "plan/case.hpp"
#include "record/observation.hpp"
#include "record/statistics.hpp"
#include "vocabulary/flags.hpp"

namespace hockney::inline record {

/// Why sampling ended.
enum class StopReason {
  interval,     ///< the 95 % interval of the median became narrow enough
  samples,      ///< the cap on samples was reached first
  time,         ///< the cap on seconds was reached first
  imported,     ///< another program decided
  interrupted,  ///< SIGTERM or SIGINT came first
};

struct StopReasonNames {
  static constexpr std::string_view what = "stop reason";
  static constexpr std::array<NamedValue<StopReason>, 5> table{{{StopReason::interval, "interval"},
                                                                {StopReason::samples, "samples"},
                                                                {StopReason::time, "time"},
                                                                {StopReason::imported, "imported"},
                                                                {StopReason::interrupted, "interrupted"}}};
};
StopReasonNames names_of(StopReason);

enum class Verification { not_checked, passed, failed };

struct VerificationNames {
  static constexpr std::string_view what = "verification";
  static constexpr std::array<NamedValue<Verification>, 3> table{
      {{Verification::not_checked, "not_checked"}, {Verification::passed, "passed"}, {Verification::failed, "failed"}}};
};
VerificationNames names_of(Verification);

/// What a sample's number is, across ranks.
enum class Statistic {
  max_over_ranks,   ///< the slowest rank of each operation (ours)
  mean_over_ranks,  ///< the mean over ranks of a loop mean (nccl-tests' default)
};

struct StatisticNames {
  static constexpr std::string_view what = "statistic";
  static constexpr std::array<NamedValue<Statistic>, 2> table{
      {{Statistic::max_over_ranks, "max_over_ranks"}, {Statistic::mean_over_ranks, "mean_over_ranks"}}};
};
StatisticNames names_of(Statistic);

/// One visit of one point, without its samples.
struct VisitRecord {
  Case point;
  std::uint64_t point_id = 0;  ///< index of the case in the plan's layout; the same for all passes of a launch
  std::uint32_t pass = 0;
  Fabric observed = Fabric::unknown;
  std::uint32_t rank_columns = 0;  ///< ranks with a time of their own in a sample: the group's ranks, of all concurrent
                                   ///< groups one after the other; 1 for imported data
  Statistic statistic = Statistic::max_over_ranks;
  std::uint32_t iterations_averaged = 1;  ///< operations behind one number of an imported log; 1: not averaged
  std::uint32_t discarded = 0;            ///< warm-up samples before the first kept one
  StopReason stop = StopReason::interval;
  Verification verification = Verification::not_checked;
  Flags flags;
  std::int64_t started_utc_ns = 0;  ///< since 1970-01-01 UTC
  double clock_step_s = 0;          ///< smallest non-zero step of the clock; 0 when not known
  double clock_floor_s = 0;         ///< median of two clock readings with nothing between; not subtracted; 0: not known
  Observation observation;
  DeviceState before;
  DeviceState after;
};

/// A visit with every sample of every rank.
struct Measurement : VisitRecord {
  std::vector<double> elapsed;    ///< [sample][rank], row-major, rank_columns wide, seconds per operation
  std::vector<double> enqueue_s;  ///< [sample]: host time to queue one operation, max over ranks; empty: none
  std::vector<double> host_s;     ///< [sample]: host time from the start line (mode host: from queueing) to completion,
                                  ///< per operation, max over ranks; empty: none

  std::size_t samples() const { return rank_columns == 0 ? 0 : elapsed.size() / rank_columns; }
  std::span<const double> sample(std::size_t index) const {
    return std::span(elapsed).subspan(index * rank_columns, rank_columns);
  }

  /// Completion time of every sample, s. Max over ranks, except one_way_stream: the receiver's (last rank's) time,
  /// since the sender of an eager message is done before it arrives.
  std::vector<double> completion_times() const;

  /// Completion times of one of the concurrent groups, s.
  std::vector<double> completion_times_of_group(std::uint32_t group) const;

  /// Min over ranks of every sample, s: with the max it brackets the completion time without synchronised clocks.
  std::vector<double> fastest_times() const;
};

/// Derived numbers of one or more visits of a point. Times in seconds.
struct Summary {
  std::size_t samples = 0;
  double median_s = 0;
  Interval median_interval_s;  ///< 95 %, within this launch
  double fastest_rank_s = 0;   ///< median of the time of each sample's fastest rank: with the median, the bracket in
                               ///< which a start of all ranks at one instant would lie
  double min_s = 0, p05_s = 0, p25_s = 0, p75_s = 0, p95_s = 0, p99_s = 0, max_s = 0;
  double median_absolute_deviation_s = 0;
  double autocorrelation_time = 1;  ///< in samples
  double skew = 0;                  ///< median of (max - min)/max over ranks
  std::uint32_t slowest_group = 0;  ///< concurrent groups: the one with the largest median of its own completion times
  double slowest_group_median_s = 0;  ///< that median; median_s when there is one group
  BytesPerSecond algbw;               ///< payload / median; 0 for matrix products and steps
  BytesPerSecond busbw;               ///< algbw * wire_factor(point); 0: not known
};

/// Summary of one visit. With fewer than 100 samples p99 is the maximum.
Summary summarise(const Measurement& measurement);

/// Summary over the passes of one point in one launch: pooled samples; tau within passes only; the interval is the
/// wider of the order-statistics one and the t-interval over the pass medians (two or more passes).
Summary summarise(std::span<const Measurement* const> passes);

/// 95 % interval of the median of one visit's completion times, corrected for autocorrelation and for half a clock
/// step on either side; the sampler's stopping rule and summarise() share it.
Interval median_interval_of_visit(std::span<const double> times, double clock_step_s);

}  // namespace hockney::inline record
