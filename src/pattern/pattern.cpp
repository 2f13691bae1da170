#include "pattern/pattern.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <vector>

#include "base/error.hpp"
#include "pattern/element_bits.hpp"

namespace hockney::pattern {
namespace {

constexpr std::uint64_t period = PatternTable::period;

// splitmix64 (Steele, Lea, Flood 2014) of one rank's element.
std::uint64_t hash(std::uint64_t rank, std::uint64_t index) {
  std::uint64_t z = (rank * period + index + 1) * 0x9E3779B97F4A7C15ULL;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31U);
}

std::uint64_t moved_bits(std::uint64_t rank, std::uint64_t index, std::uint64_t width) {
  const std::uint64_t bits = hash(rank, index) & all_ones(width);
  return bits == all_ones(width) ? bits - 1 : bits;
}

/// What the ranks put in, so that every partial result is exact. `active` consecutive ranks have a say in an element.
/// From one element to the next the first of them moves on by `step`: by as many, or further where a period would not
/// get round all ranks otherwise; it then leaves some out, evenly.
class Summands {
 public:
  Summands(Element element, Reduction reduction, std::uint32_t ranks)
      : element_(element),
        reduction_(reduction),
        ranks_(ranks),
        limit_(exact_limit(element)),
        active_(std::min<std::uint64_t>(most_active(), ranks)),
        step_(std::max<std::uint64_t>(active_, (ranks + period - 1) / period)) {}

  double value(std::uint64_t rank, std::uint64_t index) const {
    const std::uint64_t place = (rank + ranks_ - first_active(index)) % ranks_;
    const bool is_active = place < active_;
    switch (reduction_) {
      case Reduction::sum:
        return is_active ? small(rank, index) : 0;
      case Reduction::prod:
        return is_active ? factor(place, index) : 1;
      case Reduction::min:
        return is_active ? low(rank, index) : high(rank, index);
      case Reduction::max:
        return is_active ? high(rank, index) : low(rank, index);
      case Reduction::avg:
        return is_active ? power_of_two(index) : 0;
    }
    throw Failure("unknown reduction");
  }

  double reduced(std::uint64_t index) const {
    if (reduction_ == Reduction::avg) {
      return average(power_of_two(index));
    }
    const std::uint64_t first = first_active(index);
    double result = value(first, index);
    for (std::uint64_t place = 1; place < active_; ++place) {
      const double next = value((first + place) % ranks_, index);
      result = reduction_ == Reduction::sum ? result + next : result * next;
    }
    return result;
  }

 private:
  static constexpr std::uint64_t many = 16;

  std::uint64_t most_active() const {
    switch (reduction_) {
      case Reduction::sum:
        return std::min(many, limit_ / 2);
      case Reduction::prod:  // the largest product is 3 * 2^(active - 1)
        return std::min<std::uint64_t>(many, std::bit_width(limit_ / 3));
      default:
        return 1;
    }
  }

  std::uint64_t first_active(std::uint64_t index) const { return index * step_ % ranks_; }

  static double number(std::uint64_t whole) { return static_cast<double>(whole); }

  double small(std::uint64_t rank, std::uint64_t index) const {
    return number(1 + hash(rank, index) % (limit_ / std::min(many, limit_ / 2)));
  }
  static double factor(std::uint64_t place, std::uint64_t index) {
    return place == 0 ? number(2 + hash(place, index) % 2) : 2;
  }

  // All that is low lies below all that is high, on either side of 0 where the type has a sign. -1 would be poison.
  double low(std::uint64_t rank, std::uint64_t index) const {
    const double offset = number(hash(rank, index) % (limit_ / 2));
    return is_signed(element_) ? -2 - offset : offset;
  }
  double high(std::uint64_t rank, std::uint64_t index) const {
    return number(limit_ / 2 + hash(rank, index) % (limit_ / 2));
  }

  // Large enough that its share is no subnormal number, and of a whole number not 0 where that can be.
  double power_of_two(std::uint64_t index) const {
    const int choice = static_cast<int>(hash(0, index) % 3);
    const auto ranks_exponent = static_cast<int>(std::bit_width(ranks_ - 1));
    if (is_floating(element_)) {
      return std::ldexp(1, std::max(0, ranks_exponent + least_normal_exponent(element_)) + choice);
    }
    const int largest = static_cast<int>(std::bit_width(limit_)) - 1;
    return std::ldexp(1, std::max(std::min(ranks_exponent, largest), largest - choice));
  }

  // NCCL multiplies floating-point inputs by 1/ranks, rounded to the type; the product with a power of two is exact.
  double average(double power) const {
    return is_floating(element_) ? power / number(ranks_) : std::floor(power / number(ranks_));
  }

  Element element_;
  Reduction reduction_;
  std::uint32_t ranks_;
  std::uint64_t limit_;
  std::uint64_t active_;
  std::uint64_t step_;
};

}  // namespace

std::optional<std::string> why_inexact(Element element, Reduction reduction, std::uint32_t ranks) {
  if (reduction != Reduction::avg || !is_floating(element)) {
    return std::nullopt;
  }
  const bool is_power_of_two = std::has_single_bit(ranks);
  // rounded to few bits, 1/ranks depends on how the library gets there
  const bool too_coarse = is_8_bit_float(element) && !is_power_of_two;
  const int least = is_power_of_two ? least_subnormal_exponent(element) : least_normal_exponent(element);
  if (too_coarse || 1.0 / ranks < std::ldexp(1, least)) {
    return fmt::format("the average of {0} over {1} ranks has no exact answer to check against: 1/{1} is no {0} number",
                       name_of(element), ranks);
  }
  return std::nullopt;
}

PatternTable table_of(const Pattern& pattern) {
  PatternTable table;
  table.width = static_cast<std::uint32_t>(size_of(pattern.element).count);
  table.phase = static_cast<std::uint32_t>(pattern.first_index % period);
  if (pattern.kind == Pattern::Kind::moved) {
    for (std::uint64_t i = 0; i < period; ++i) {
      table.bits[i] = moved_bits(pattern.rank, i, table.width);
    }
    return table;
  }
  if (const auto reason = why_inexact(pattern.element, pattern.reduction, pattern.ranks)) {
    throw Failure(*reason);
  }
  const Summands summands(pattern.element, pattern.reduction, pattern.ranks);
  for (std::uint64_t i = 0; i < period; ++i) {
    const double value = pattern.kind == Pattern::Kind::reduced ? summands.reduced(i) : summands.value(pattern.rank, i);
    table.bits[i] = bits_of(value, pattern.element);
  }
  return table;
}

namespace {

// One period in memory, beginning with the buffer's first element: blocks of it are copied and compared at once.
std::vector<std::byte> one_period(const PatternTable& table) {
  static_assert(std::endian::native == std::endian::little, "the low bytes of a word come first");
  std::vector<std::byte> bytes(period * table.width);
  for (std::uint64_t i = 0; i < period; ++i) {
    std::memcpy(bytes.data() + i * table.width, &table.bits[(table.phase + i) % period], table.width);
  }
  return bytes;
}

template <class Buffer, class Visit>
void for_each_period(Buffer buffer, const std::vector<std::byte>& expected, Visit&& visit) {
  for (std::size_t at = 0; at < buffer.size(); at += expected.size()) {
    visit(buffer.subspan(at, std::min(expected.size(), buffer.size() - at)));
  }
}

}  // namespace

void fill_host(std::span<std::byte> buffer, const PatternTable& table) {
  const auto expected = one_period(table);
  for_each_period(buffer, expected,
                  [&](std::span<std::byte> part) { std::memcpy(part.data(), expected.data(), part.size()); });
}

std::uint64_t count_wrong_host(std::span<const std::byte> buffer, const PatternTable& table) {
  const auto expected = one_period(table);
  std::uint64_t wrong = 0;
  for_each_period(buffer, expected, [&](std::span<const std::byte> part) {
    if (std::memcmp(part.data(), expected.data(), part.size()) == 0) {
      return;
    }
    for (std::size_t at = 0; at < part.size(); at += table.width) {
      wrong += std::memcmp(part.data() + at, expected.data() + at, table.width) == 0 ? 0 : 1;
    }
  });
  return wrong;
}

}  // namespace hockney::pattern
