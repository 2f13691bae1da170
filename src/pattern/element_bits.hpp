#pragma once

#include <cstdint>

#include "vocabulary/element.hpp"

namespace hockney::pattern {

/// Whether an element type is a floating-point format.
constexpr bool is_floating(Element element) {
  switch (element) {
    case Element::float16:
    case Element::bfloat16:
    case Element::float32:
    case Element::float64:
    case Element::float8e4m3:
    case Element::float8e5m2:
      return true;
    default:
      return false;
  }
}

constexpr bool is_8_bit_float(Element element) { return is_floating(element) && size_of(element).count == 1; }

constexpr bool is_signed(Element element) {
  return is_floating(element) || element == Element::int8 || element == Element::int32 || element == Element::int64;
}

/// The low bits that an element of `width` bytes has.
constexpr std::uint64_t all_ones(std::uint64_t width) { return ~std::uint64_t{0} >> (64 - 8 * width); }

/// The bits of a number in an element type: whole numbers in two's complement, floating-point formats by their exponent
/// and mantissa fields (IEEE 754; bfloat16; OCP 8-bit formats, OFP8 1.0), rounded to nearest, ties to even. The number
/// must lie within the type's finite range.
std::uint64_t bits_of(double value, Element element);

/// Largest whole number up to which the type holds every whole number (2^20 where it is more): what summands count
/// with.
std::uint64_t exact_limit(Element element);

/// Smallest e such that 2^e is a normal number of a floating-point type, or a subnormal one.
int least_normal_exponent(Element element);
int least_subnormal_exponent(Element element);

}  // namespace hockney::pattern
