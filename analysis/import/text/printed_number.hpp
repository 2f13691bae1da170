#pragma once

#include <optional>
#include <string_view>

namespace hockney::import {

/// A number as a log printed it. The true value lies within half a step of the last printed digit.
struct PrintedNumber {
  double value = 0;
  double half_step = 0;  ///< 0.005 for "1.25", 0.5 for "16215", 5e5 for "1.0e+07"

  double low() const { return value - half_step; }
  double high() const { return value + half_step; }
  PrintedNumber scaled(double factor) const { return {value * factor, half_step * factor}; }
};

/// Reads one word. Nothing when it is no finite number as a whole ("N/A", "nan", "inf", "1.2.3", "12us").
std::optional<PrintedNumber> read_printed_number(std::string_view word);

/// Whether two printed numbers can be roundings of one value, the first one scaled by `factor` >= 0.
bool may_be_equal(PrintedNumber a, double factor, PrintedNumber b);

}  // namespace hockney::import
