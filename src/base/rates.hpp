#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/seconds.hpp"

namespace hockney::inline base {

/// A rate in bytes per second. Prefixes are decimal: 1 GB/s = 10^9 B/s.
struct BytesPerSecond {
  double value = 0;
  friend constexpr auto operator<=>(BytesPerSecond, BytesPerSecond) = default;
};

/// The inverse rate, Hockney's β.
struct SecondsPerByte {
  double value = 0;
  friend constexpr auto operator<=>(SecondsPerByte, SecondsPerByte) = default;
};

constexpr SecondsPerByte inverse(BytesPerSecond rate) { return {1.0 / rate.value}; }
constexpr BytesPerSecond inverse(SecondsPerByte rate) { return {1.0 / rate.value}; }
constexpr Seconds operator*(SecondsPerByte rate, Bytes size) {
  return Seconds{rate.value * static_cast<double>(size.count)};
}
constexpr BytesPerSecond operator/(Bytes size, Seconds time) {
  return {static_cast<double>(size.count) / time.count()};
}

/// Reads "180GB/s", "25 GB/s", "800Mbit/s", "200Gbit/s", "200Gb/s", "200 Gbps", "8 x 400 Gbit/s", "1e9B/s": B is a
/// byte, b a bit. Prefixes are decimal (10^3 steps). Throws InputError on anything else and unless the rate is above
/// zero.
BytesPerSecond parse_rate(std::string_view text);

/// Four significant digits in GB/s: "180.2 GB/s".
std::string to_string(BytesPerSecond rate);

}  // namespace hockney::inline base
