#pragma once

#include <tuple>

#include "base/fields.hpp"
#include "record/measurement.hpp"

namespace hockney::inline record {

/// The fields of a Summary, in the order in which tables show them: the key in tables and JSON, and the name of the
/// column in launch files.
inline constexpr std::tuple summary_fields{
    field<&Summary::median_s>("t_median_s", "s", "median completion time", "t_median"),
    field<&Summary::median_interval_s, &Interval::low>(
        "ci_lo_s", "s", "lower end of the median's 95 % interval within this launch", "ci_lo"),
    field<&Summary::median_interval_s, &Interval::high>(
        "ci_hi_s", "s", "upper end of the median's 95 % interval within this launch", "ci_hi"),
    field<&Summary::fastest_rank_s>("t_fastest_rank_s", "s", "median of the time of each sample's fastest rank",
                                    "t_fastest_rank")
        .since(4),
    field<&Summary::min_s>("t_min_s", "s", "shortest completion time", "t_min"),
    field<&Summary::p05_s>("t_p05_s", "s", "5th percentile of completion times", "t_p05"),
    field<&Summary::p25_s>("t_p25_s", "s", "25th percentile of completion times", "t_p25"),
    field<&Summary::p75_s>("t_p75_s", "s", "75th percentile of completion times", "t_p75"),
    field<&Summary::p95_s>("t_p95_s", "s", "95th percentile of completion times", "t_p95"),
    field<&Summary::p99_s>("t_p99_s", "s", "99th percentile; the maximum below 100 samples", "t_p99"),
    field<&Summary::max_s>("t_max_s", "s", "longest completion time", "t_max"),
    field<&Summary::median_absolute_deviation_s>("mad_s", "s", "median absolute deviation", "mad"),
    field<&Summary::autocorrelation_time>("tau_samples", "1", "autocorrelation time in samples", "tau"),
    field<&Summary::skew>("skew_fraction", "1", "median of (max - min)/max over ranks", "skew"),
    field<&Summary::slowest_group>("slowest_group", "1",
                                   "concurrent groups: the one with the largest median of its own times")
        .since(1),
    field<&Summary::slowest_group_median_s>("t_median_slowest_group_s", "s", "that median", "t_median_slowest_group")
        .since(1),
    field<&Summary::algbw, &BytesPerSecond::value>("algbw_bytes_per_s", "byte/s",
                                                   "payload / median; 0 for matmul and steps", "algbw"),
    field<&Summary::busbw, &BytesPerSecond::value>("busbw_bytes_per_s", "byte/s", "algbw * wire factor; 0: not known",
                                                   "busbw"),
    field<&Summary::samples>("samples", "1", "samples", "n"),
};

}  // namespace hockney::inline record
