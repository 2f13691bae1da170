#include "import/text/printed_number.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace hockney::import {

std::optional<PrintedNumber> read_printed_number(std::string_view word) {
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (word.empty() || error != std::errc{} || end != word.data() + word.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  const std::size_t e = std::min(word.find_first_of("eE"), word.size());
  const std::string_view mantissa = word.substr(0, e);
  const std::size_t point = mantissa.find('.');
  int exponent = point == std::string_view::npos ? 0 : -static_cast<int>(mantissa.size() - point - 1);
  if (e < word.size()) {
    std::string_view digits = word.substr(e + 1);
    digits.remove_prefix(digits.starts_with('+') ? 1 : 0);
    int power = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), power);
    exponent += power;
  }
  return PrintedNumber{value, 0.5 * std::pow(10.0, exponent)};
}

bool may_be_equal(PrintedNumber a, double factor, PrintedNumber b) {
  // values that lie on the border between two roundings may differ by the last bits of a double
  constexpr double slack = 1e-9;
  const double scale = slack * std::max(std::abs(a.value * factor), std::abs(b.value));
  return a.low() * factor <= b.high() + scale && b.low() <= a.high() * factor + scale;
}

}  // namespace hockney::import
