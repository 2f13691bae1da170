#include "units/seconds.hpp"

#include <array>
#include <cmath>
#include <fmt/format.h>
#include <utility>

#include "errors/error.hpp"
#include "units/number.hpp"

namespace hockney {
namespace {

constexpr std::array<std::pair<std::string_view, double>, 4> time_units{
    {{"s", 1.0}, {"ms", 1e-3}, {"us", 1e-6}, {"ns", 1e-9}}};

}  // namespace

Seconds parse_seconds(std::string_view text) {
  constexpr std::string_view expected = "a time (expected e.g. 250ns, 4us, 1.5ms, 3s)";
  const auto [value, unit] = split_number(text, expected);
  for (const auto& [name, factor] : time_units) {
    if (name == unit && value >= 0) {
      return Seconds{value * factor};
    }
  }
  throw InputError(fmt::format("'{}' is not {}", text, expected));
}

std::string to_string(Seconds time) {
  const double value = time.count();
  for (const auto& [name, factor] : time_units) {
    if (std::abs(value) >= factor || name == "ns") {
      return value == 0 ? "0 s" : fmt::format("{} {}", significant(value / factor), name);
    }
  }
  return {};
}

}  // namespace hockney
