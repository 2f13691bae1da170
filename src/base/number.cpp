#include "base/number.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

#include "base/error.hpp"
#include "base/text.hpp"

namespace hockney::inline base {
namespace {

constexpr std::string_view blanks = " \t";

}  // namespace

std::pair<double, std::string_view> split_number(std::string_view text, std::string_view what) {
  const std::string_view body = trimmed(text, blanks);
  double value = 0;
  const auto [end, error] = std::from_chars(body.data(), body.data() + body.size(), value);
  if (error != std::errc{} || !std::isfinite(value)) {
    throw InputError(fmt::format("'{}' is not {}", text, what));
  }
  return {value, trimmed(body.substr(static_cast<std::size_t>(end - body.data())), blanks)};
}

double parse_fraction(std::string_view text) {
  constexpr std::string_view expected = "a share (expected e.g. 2% or 0.02)";
  const auto [value, unit] = split_number(text, expected);
  if (value < 0 || !(unit.empty() || unit == "%")) {
    throw InputError(fmt::format("'{}' is not {}", text, expected));
  }
  return unit == "%" ? value / 100 : value;
}

std::string significant(double value, int digits) {
  if (value == 0 || !std::isfinite(value)) {
    return fmt::format("{:g}", value);
  }
  const int magnitude = static_cast<int>(std::floor(std::log10(std::abs(value))));
  const int decimals = digits - 1 - magnitude;
  if (decimals < 0) {
    const double unit = std::pow(10.0, -decimals);
    return fmt::format("{:.0f}", std::round(value / unit) * unit);
  }
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') {
      text.pop_back();
    }
  }
  return text;
}

std::string percent(double fraction, int decimals) {
  const double value = fraction * 100;
  return fmt::format("{:.{}f}", value, value >= 100 ? 0 : value >= 10 ? std::min(decimals, 1) : decimals);
}

}  // namespace hockney::inline base
