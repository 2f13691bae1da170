#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace hockney::measure {

/// What a fit does not trust a straight line beyond, relative: no point counts as surer than this.
inline constexpr double line_floor = 0.01;

/// A point of a curve as far as it is known while measuring.
struct CurveSample {
  Bytes payload;
  double time_s = 0;
  double relative_error = 0;  ///< standard deviation of ln t; line_floor is added to it
  std::string label{};        ///< what ran ("Ring/LL"); empty: the library does not tell, as in host memory
};

/// Between two neighbouring points the law t = alpha + beta m changes.
struct CurveBorder {
  std::size_t before = 0;   ///< index of the last point of the left law; that of the right one follows it
  double disagreement = 0;  ///< |ln| of what the two laws say in the middle (geometric) between the two points
};

/// Where the law of a curve changes: where neighbours run by different labels, and where straight lines with alpha,
/// beta >= 0 say so without any label (a switch of MPI from eager to rendezvous, a cache that is full). `points`
/// ascend.
///
/// The borders are those that minimise the sum of ((line/t - 1)/sigma)^2 + 3 ln n per segment of two points or more, n
/// points in all: the criterion of hockney fit, found by optimal partitioning (Jackson et al. 2005,
/// doi:10.1109/LSP.2001.838216), which is exact for a price per segment. O(n^3).
std::vector<CurveBorder> find_borders(std::span<const CurveSample> points);

}  // namespace hockney::measure
