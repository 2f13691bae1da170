#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/names.hpp"

namespace hockney::cost {

/// Where the interval of an estimate comes from, from the strongest to the weakest.
enum class IntervalBasis {
  launches,       ///< 95 % Student t over launches (new processes, new communicators)
  within_launch,  ///< one launch: its points' own intervals, which miss launch-to-launch variation
  assumed_noise,  ///< points without an interval of their own (single numbers of a log, fewer than 6 samples): 3 %
                  ///< assumed
  line_rate,      ///< a bandwidth and a latency that somebody stated; nothing was measured
};

struct IntervalBasisNames {
  static constexpr std::string_view what = "interval basis";
  static constexpr std::array<NamedValue<IntervalBasis>, 4> table{{{IntervalBasis::launches, "launches"},
                                                                   {IntervalBasis::within_launch, "within_launch"},
                                                                   {IntervalBasis::assumed_noise, "assumed_noise"},
                                                                   {IntervalBasis::line_rate, "line_rate"}}};
};
IntervalBasisNames names_of(IntervalBasis);

/// Median and 95th percentile of |predicted / measured - 1|, as fractions, over `count` predictions.
struct ErrorQuantiles {
  double median = 0;
  double p95 = 0;
  std::uint32_t count = 0;  ///< 0: nothing was predicted, the other two mean nothing
};

/// Those of some errors; all 0 without any.
ErrorQuantiles quantiles_of(std::span<const double> errors);

/// An answer of the model. low <= value <= high; the basis says what the interval covers.
struct Estimate {
  double value_s = 0;
  double low_s = 0;
  double high_s = 0;
  bool extrapolated = false;  ///< outside the measured payloads or rank counts
  bool in_gap = false;        ///< between two segments: the switch lies somewhere there
  IntervalBasis basis = IntervalBasis::within_launch;
  std::string curve;               ///< name of the curve that answered
  std::size_t segment = 0;         ///< index of the segment that answered (the left one in a gap)
  std::string remark;              ///< why it is extrapolated; empty otherwise
  std::vector<double> launches_s;  ///< the answer of every launch's own parameters, all times the factor that takes
                                   ///< the pooled segments' answer to value_s; empty without launches
};

}  // namespace hockney::cost
