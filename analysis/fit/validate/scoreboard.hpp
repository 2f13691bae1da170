#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "fit/segments/segment_search.hpp"
#include "fit/validate/validate.hpp"
#include "record/launch.hpp"

namespace hockney::fit {

/// Which curves a scoreboard scores, and how they are fitted.
struct ScoreboardOptions {
  std::size_t least_sizes = 15;
  std::size_t most_sizes = 200;
  std::uint32_t least_ranks = 2;
  bool in_place = false;                        ///< score in-place curves instead of out-of-place ones
  SegmentOptions segments{.most_segments = 7};  ///< 7: what the published figures of the method are for
};

/// One curve of one launch and how well each method reads it.
struct ScoredCurve {
  std::string name;    ///< CostCurve::name()
  std::string launch;  ///< label_of() its launch
  std::size_t sizes = 0;
  std::size_t segments = 0;
  bool capped = false;  ///< most_segments were not enough
  PredictionErrors errors;
  cost::Validation validation;
};

/// Medians and 95th percentiles of |predicted / measured - 1| over many curves. In sample: the median over curves of
/// each curve's median and 95th percentile. Left out: over all sizes left out of all curves, pooled. "Piecewise" is in
/// sample the segments' lines, left out what CostCurve::at answers; the bare segments stand beside it.
struct Scoreboard {
  std::vector<ScoredCurve> curves;
  cost::Validation pooled;
  double segments_mean = 0;
  std::vector<std::string> notes;  ///< points and curves left out, with their reasons
};

/// Fits every curve of every launch apart, on the first visit of each payload. Points that say nothing about a network
/// are scored too: this is about methods, not about networks. Throws as gather_curves() does.
Scoreboard score(std::span<const Launch> launches, const ScoreboardOptions& options = {});

}  // namespace hockney::fit
