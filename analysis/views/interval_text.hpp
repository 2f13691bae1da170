#pragma once

#include <string>

#include "cost/cost_model.hpp"

namespace hockney::views {

/// A value and its 95 % interval as text, all three with the same number of decimals: those that leave the half width
/// one significant digit, or two where it begins with less than 3.55 (the Particle Data Group's rule); four significant
/// digits of the value where the interval has no width.
struct IntervalText {
  std::string value;
  std::string interval;  ///< "3.95 .. 4.07"
};
IntervalText interval_text(double value, Interval interval);

/// alpha of a segment in us; "held at 0" for an interval where every launch has 0: the constraint speaks there, not the
/// data.
IntervalText alpha_text(const cost::AlphaBeta& segment);

/// 1/beta of a segment in GB/s; of beta 0, which says nothing of a rate, "-" and as interval what beta is at most.
IntervalText rate_text(const cost::AlphaBeta& segment);

/// What the intervals, bars and bands of a curve are: "95 % Student t over 3 launches".
std::string basis_text(const cost::CostCurve& curve);

}  // namespace hockney::views
