#include "pattern/element_bits.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"

namespace hockney::pattern {
namespace {

struct FloatFormat {
  int exponent_bits = 0;
  int mantissa_bits = 0;
  int bias() const { return (1 << (exponent_bits - 1)) - 1; }
};

FloatFormat format_of(Element element) {
  switch (element) {
    case Element::float16:
      return {5, 10};
    case Element::bfloat16:
      return {8, 7};
    case Element::float32:
      return {8, 23};
    case Element::float64:
      return {11, 52};
    case Element::float8e4m3:
      return {4, 3};
    case Element::float8e5m2:
      return {5, 2};
    default:
      throw Failure("not a floating-point type: " + std::string(name_of(element)));
  }
}

std::uint64_t float_bits(double value, const FloatFormat& format) {
  const double magnitude = std::abs(value);
  if (magnitude == 0) {
    return 0;
  }
  const int exponent = std::max(std::ilogb(magnitude), 1 - format.bias());
  const auto units = static_cast<std::uint64_t>(std::nearbyint(std::ldexp(magnitude, format.mantissa_bits - exponent)));
  // a normal number's units hold the hidden bit, which adds the last 1 to the exponent field; so does a carry
  const auto field = static_cast<std::uint64_t>(exponent + format.bias() - 1);
  const std::uint64_t bits = (field << format.mantissa_bits) + units;
  const std::uint64_t sign = value < 0 ? 1 : 0;
  return bits | (sign << (format.exponent_bits + format.mantissa_bits));
}

}  // namespace

std::uint64_t bits_of(double value, Element element) {
  if (is_floating(element)) {
    return float_bits(value, format_of(element));
  }
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(value)) & all_ones(size_of(element).count);
}

std::uint64_t exact_limit(Element element) {
  const int integer_bits = static_cast<int>(8 * size_of(element).count) - (is_signed(element) ? 1 : 0);
  const int bits = is_floating(element) ? format_of(element).mantissa_bits + 1 : integer_bits;
  // every whole number up to 2^bits, but 2^bits itself is no whole number of an integer type
  return (std::uint64_t{1} << std::min(bits, 20)) - (is_floating(element) ? 0 : 1);
}

int least_normal_exponent(Element element) { return 1 - format_of(element).bias(); }

int least_subnormal_exponent(Element element) {
  return least_normal_exponent(element) - format_of(element).mantissa_bits;
}

}  // namespace hockney::pattern
