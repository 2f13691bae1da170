#pragma once

#include <string>

namespace hockney::render {

// How a terminal shows a number: rounded, and in the unit that stands in the column's heading.

std::string bytes(double value);                ///< "1 MiB", exact
std::string microseconds(double seconds);       ///< four significant digits
std::string milliseconds(double seconds);       ///< four significant digits
std::string gigabytes_per_second(double rate);  ///< B/s in 10^9 B/s, four significant digits
std::string tera(double value);                 ///< in 10^12, four significant digits
std::string gibibytes(double bytes);            ///< in 2^30 B, three significant digits
std::string percentage(double fraction);        ///< in %, one decimal; none from 100 % on
std::string fine_percentage(double fraction);   ///< in %, two decimals; one from 10 % on, none from 100 % on

}  // namespace hockney::render
