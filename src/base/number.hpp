#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace hockney::inline base {

/// Splits "1.5 MiB" into 1.5 and "MiB" (blanks between and around them dropped; the unit may be empty).
/// Throws InputError, quoting the text and naming `what` was expected, when it does not begin with a finite number.
std::pair<double, std::string_view> split_number(std::string_view text, std::string_view what);

/// Reads a share as "2%", "2 %" or "0.02"; the result is a fraction. Throws InputError on anything else.
double parse_fraction(std::string_view text);

/// Rounds to `digits` significant digits and prints without trailing zeros.
std::string significant(double value, int digits = 4);

/// A share in %, without the sign: `decimals` decimals below 10 %, at most one below 100 %, none from there on.
std::string percent(double fraction, int decimals = 1);

}  // namespace hockney::inline base
