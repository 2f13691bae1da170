#include "base/rates.hpp"

#include <array>
#include <fmt/format.h>
#include <utility>

#include "base/error.hpp"
#include "base/number.hpp"

namespace hockney::inline base {

BytesPerSecond parse_rate(std::string_view text) {
  constexpr std::string_view expected = "a rate (expected e.g. 180GB/s or 200Gbit/s; prefixes are decimal)";
  constexpr std::array<std::pair<std::string_view, double>, 8> rate_units{{
      {"B/s", 1.0},
      {"kB/s", 1e3},
      {"MB/s", 1e6},
      {"GB/s", 1e9},
      {"TB/s", 1e12},
      {"Mbit/s", 1e6 / 8},
      {"Gbit/s", 1e9 / 8},
      {"Tbit/s", 1e12 / 8},
  }};
  const auto [value, unit] = split_number(text, expected);
  for (const auto& [name, factor] : rate_units) {
    if (name == unit && value > 0) {
      return {value * factor};
    }
  }
  throw InputError(fmt::format("'{}' is not {}", text, expected));
}

std::string to_string(BytesPerSecond rate) { return significant(rate.value / 1e9) + " GB/s"; }

}  // namespace hockney::inline base
