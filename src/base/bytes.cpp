#include "base/bytes.hpp"

#include <array>
#include <cmath>
#include <fmt/format.h>
#include <utility>

#include "base/error.hpp"
#include "base/number.hpp"

namespace hockney::inline base {
namespace {

constexpr std::array<std::pair<std::string_view, std::uint64_t>, 10> binary_units{{
    {"B", 1},
    {"", 1},
    {"KiB", 1ULL << 10},
    {"K", 1ULL << 10},
    {"MiB", 1ULL << 20},
    {"M", 1ULL << 20},
    {"GiB", 1ULL << 30},
    {"G", 1ULL << 30},
    {"TiB", 1ULL << 40},
    {"T", 1ULL << 40},
}};

std::string print(Bytes size, std::string_view separator) {
  constexpr std::array<std::pair<std::string_view, std::uint64_t>, 3> prefixes{
      {{"GiB", 1ULL << 30}, {"MiB", 1ULL << 20}, {"KiB", 1ULL << 10}}};
  for (const auto& [unit, factor] : prefixes) {
    if (size.count >= factor && size.count % factor == 0) {
      return fmt::format("{}{}{}", size.count / factor, separator, unit);
    }
  }
  return fmt::format("{}{}B", size.count, separator);
}

}  // namespace

Bytes parse_bytes(std::string_view text) {
  constexpr std::string_view expected = "a size (expected e.g. 8B, 4KiB, 1.5MiB, 2GiB; prefixes are binary)";
  const auto [value, unit] = split_number(text, expected);
  for (const auto& [name, factor] : binary_units) {
    if (name == unit) {
      const double bytes = value * static_cast<double>(factor);
      constexpr double limit = 9007199254740992;  // 2^53: every whole number below it is exact in a double
      if (bytes < 0 || bytes >= limit || bytes != std::floor(bytes)) {
        throw InputError(fmt::format("'{}' is not a whole number of bytes from 0 to 2^53 (8 PiB)", text));
      }
      return {static_cast<std::uint64_t>(bytes)};
    }
  }
  throw InputError(fmt::format("'{}' is not {}", text, expected));
}

std::string to_string(Bytes size) { return print(size, " "); }
std::string compact(Bytes size) { return print(size, ""); }

}  // namespace hockney::inline base
