#include "pattern/product_data.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <string>

#include "base/error.hpp"

namespace hockney::pattern {
namespace {

constexpr std::uint64_t block = 32;

// SplitMix64 (Steele, Lea & Flood 2014, doi:10.1145/2660193.2660195).
std::uint64_t scrambled(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31U);
}

enum class Stream : std::uint64_t { terms, rows, columns };

int sign(Stream stream, std::uint64_t index) {
  return (scrambled(index * 4 + static_cast<std::uint64_t>(stream)) & 1U) != 0 ? 1 : -1;
}

// s_l
int term_sign(std::uint64_t l) { return sign(Stream::terms, l); }

// p_l: blocks of 32 sum to 10 (the first), 4, -6, 2, 4, -6, 2 ...; so blocks of 64, 128 ... never sum to 0.
int term_product(std::uint64_t l) {
  constexpr std::array<std::uint64_t, 3> positive{17, 18, 13};
  constexpr std::uint64_t positive_in_first = 21;
  constexpr std::uint64_t stride = 11;  // odd: visits every place of a block once
  const std::uint64_t number = l / block;
  const std::uint64_t place = (l % block * stride + number) % block;
  return place < (number == 0 ? positive_in_first : positive[number % positive.size()]) ? 1 : -1;
}

int factor(Stream stream, std::uint64_t index) {
  return sign(stream, index) * (scrambled(~index * 4 + static_cast<std::uint64_t>(stream)) % 2 == 0 ? 1 : 2);
}

// The bits of a small whole number.
template <class Bits>
Bits bits_of(int value, Element element) {
  const auto as_float = static_cast<float>(value);
  switch (element) {
    case Element::float64:
      return static_cast<Bits>(std::bit_cast<std::uint64_t>(static_cast<double>(value)));
    case Element::float32:
      return static_cast<Bits>(std::bit_cast<std::uint32_t>(as_float));
    case Element::bfloat16:
      return static_cast<Bits>(std::bit_cast<std::uint32_t>(as_float) >> 16U);
    default:
      break;
  }
  // float16 has 10 bits of fraction where float32 has 23, and a bias of 15 instead of 127
  const auto wide = std::bit_cast<std::uint32_t>(as_float);
  const std::uint32_t magnitude = wide & 0x7FFFFFFFU;
  const std::uint32_t half = magnitude == 0 ? 0 : (magnitude >> 13U) - ((127U - 15U) << 10U);
  return static_cast<Bits>(half | ((wide >> 16U) & 0x8000U));
}

template <class Visit>
auto with_bits(Element element, Visit visit) {
  switch (element) {
    case Element::float64:
      return visit(std::uint64_t{});
    case Element::float32:
      return visit(std::uint32_t{});
    case Element::bfloat16:
    case Element::float16:
      return visit(std::uint16_t{});
    default:
      throw Failure("no product data of " + std::string(name_of(element)));
  }
}

// rows x columns elements, `value` of row and column.
template <class Value>
std::vector<std::byte> matrix(std::uint64_t rows, std::uint64_t columns, Element element, Value value) {
  return with_bits(element, [&](auto zero) {
    using Bits = decltype(zero);
    std::vector<std::byte> bytes(rows * columns * sizeof(Bits));
    std::byte* next = bytes.data();
    for (std::uint64_t row = 0; row < rows; ++row) {
      for (std::uint64_t column = 0; column < columns; ++column, next += sizeof(Bits)) {
        const Bits bits = bits_of<Bits>(value(row, column), element);
        std::memcpy(next, &bits, sizeof(Bits));
      }
    }
    return bytes;
  });
}

std::vector<int> tabulated(std::uint64_t length, int (*value)(std::uint64_t)) {
  std::vector<int> values(length);
  for (std::uint64_t i = 0; i < length; ++i) {
    values[i] = value(i);
  }
  return values;
}

int row_factor(std::uint64_t row) { return factor(Stream::rows, row); }
int column_factor(std::uint64_t column) { return factor(Stream::columns, column); }

}  // namespace

int ProductData::sum_of_signs(std::uint64_t terms) {
  int sum = 0;
  for (std::uint64_t l = 0; l < terms; ++l) {
    sum += term_product(l);
  }
  return sum;
}

std::vector<std::byte> ProductData::a(Element element) const {
  const auto rows = tabulated(shape_.m, row_factor);
  const auto terms = tabulated(shape_.k, term_sign);
  return shape_.transposes_a()
             ? matrix(shape_.k, shape_.m, element, [&](auto l, auto i) { return rows[i] * terms[l]; })
             : matrix(shape_.m, shape_.k, element, [&](auto i, auto l) { return rows[i] * terms[l]; });
}

std::vector<std::byte> ProductData::b(Element element) const {
  const auto columns = tabulated(shape_.n, column_factor);
  const auto terms = tabulated(shape_.k, [](std::uint64_t l) { return term_sign(l) * term_product(l); });
  return shape_.transposes_b()
             ? matrix(shape_.n, shape_.k, element, [&](auto j, auto l) { return columns[j] * terms[l]; })
             : matrix(shape_.k, shape_.n, element, [&](auto l, auto j) { return columns[j] * terms[l]; });
}

double ProductData::result(std::uint64_t row, std::uint64_t column) const {
  return row_factor(row) * column_factor(column) * sum_;
}

std::uint64_t ProductData::count_wrong(std::span<const std::byte> c, Element element) const {
  const auto rows = tabulated(shape_.m, row_factor);
  const auto columns = tabulated(shape_.n, column_factor);
  return with_bits(element, [&](auto zero) {
    using Bits = decltype(zero);
    if (c.size() != shape_.m * shape_.n * sizeof(Bits)) {
      throw Failure("the result of a product has another size than its shape");
    }
    std::uint64_t wrong = 0;
    const std::byte* next = c.data();
    for (std::uint64_t i = 0; i < shape_.m; ++i) {
      for (std::uint64_t j = 0; j < shape_.n; ++j, next += sizeof(Bits)) {
        Bits bits{};
        std::memcpy(&bits, next, sizeof(Bits));
        wrong += bits == bits_of<Bits>(rows[i] * columns[j] * sum_, element) ? 0 : 1;
      }
    }
    return wrong;
  });
}

}  // namespace hockney::pattern
