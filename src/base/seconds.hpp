#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace hockney::inline base {

/// A duration in seconds, as double.
///
/// The rule: interfaces of measuring and of models take and give Seconds. Bulk data, what statistics are made of, and
/// members that stand in files are raw doubles whose names end in _s ([sample][rank] times, Summary::median_s).
using Seconds = std::chrono::duration<double>;

/// Reads "4us", "1.5 ms", "250ns", "3s", "20min", "2h". Throws InputError on anything else, on a missing unit and on a
/// negative time.
Seconds parse_seconds(std::string_view text);

/// Four significant digits with the prefix that fits: "4.012 us", "63.9 ms".
std::string to_string(Seconds time);

}  // namespace hockney::inline base
