#pragma once

#include <string>

#include "record/statistics.hpp"

namespace hockney::views {

/// A value and its 95 % interval as text, all three with the same number of decimals: those that leave the half width
/// one significant digit, or two where it begins with less than 3.55 (the Particle Data Group's rule); four significant
/// digits of the value where the interval has no width.
struct IntervalText {
  std::string value;
  std::string interval;  ///< "3.95 .. 4.07"
};
IntervalText interval_text(double value, Interval interval);

}  // namespace hockney::views
