#include "base/seconds.hpp"

#include <array>
#include <cmath>
#include <fmt/format.h>
#include <utility>

#include "base/error.hpp"
#include "base/number.hpp"

namespace hockney::inline base {
namespace {

constexpr std::array<std::pair<std::string_view, double>, 4> time_units{
    {{"s", 1.0}, {"ms", 1e3}, {"us", 1e6}, {"ns", 1e9}}};  // per second: whole, so that division rounds once

}  // namespace

Seconds parse_seconds(std::string_view text) {
  constexpr std::string_view expected = "a time (expected e.g. 250ns, 4us, 1.5ms, 3s, 20min, 2h)";
  const auto [value, unit] = split_number(text, expected);
  for (const auto& [name, seconds] : {std::pair{"min", 60}, {"h", 3600}}) {
    if (name == unit && value >= 0) {
      return Seconds{value * seconds};
    }
  }
  for (const auto& [name, per_second] : time_units) {
    if (name == unit && value >= 0) {
      return Seconds{value / per_second};
    }
  }
  throw InputError(fmt::format("'{}' is not {}", text, expected));
}

std::string to_string(Seconds time) {
  const double value = time.count();
  for (const auto& [name, per_second] : time_units) {
    if (std::abs(value) * per_second >= 1 || name == "ns") {
      return value == 0 ? "0 s" : fmt::format("{} {}", significant(value * per_second), name);
    }
  }
  return {};
}

}  // namespace hockney::inline base
