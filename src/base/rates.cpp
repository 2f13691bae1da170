#include "base/rates.hpp"

#include <array>
#include <fmt/format.h>
#include <utility>

#include "base/error.hpp"
#include "base/number.hpp"

namespace hockney::inline base {

BytesPerSecond parse_rate(std::string_view text) {
  constexpr std::string_view expected = "a rate (expected e.g. 180GB/s or 200Gbit/s; prefixes are decimal)";
  constexpr std::array<std::pair<std::string_view, double>, 5> prefixes{
      {{"", 1.0}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12}}};
  constexpr std::array<std::pair<std::string_view, double>, 5> rate_units{
      {{"B/s", 1.0}, {"Bps", 1.0}, {"bit/s", 1.0 / 8}, {"b/s", 1.0 / 8}, {"bps", 1.0 / 8}}};
  auto [value, unit] = split_number(text, expected);
  if (unit.starts_with('x')) {  // "8 x 400 Gbit/s"
    const auto each = split_number(unit.substr(1), expected);
    value *= each.first;
    unit = each.second;
  }
  for (const auto& [prefix, times] : prefixes) {
    for (const auto& [name, factor] : rate_units) {
      if (unit.starts_with(prefix) && unit.substr(prefix.size()) == name && value > 0) {
        return {value * times * factor};
      }
    }
  }
  throw InputError(fmt::format("'{}' is not {}", text, expected));
}

std::string to_string(BytesPerSecond rate) { return significant(rate.value / 1e9) + " GB/s"; }

}  // namespace hockney::inline base
