// Reduces summands as a library might, in each type's own precision, and compares with the table of the result. The
// arithmetic here knows nothing of how the tables are made: small formats round by looking at their neighbours.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <vector>

#include "pattern/pattern.hpp"

namespace hockney::pattern {
namespace {

/// A floating-point format of at most 16 bits as the list of its finite numbers.
class SmallFormat {
 public:
  SmallFormat(int exponent_bits, int mantissa_bits, bool has_infinity)
      : sign_bit_(1U << static_cast<unsigned>(exponent_bits + mantissa_bits)) {
    const int bias = (1 << (exponent_bits - 1)) - 1;
    const int exponents = (1 << exponent_bits) - (has_infinity ? 1 : 0);
    for (int exponent = 0; exponent < exponents; ++exponent) {
      for (int mantissa = 0; mantissa < 1 << mantissa_bits; ++mantissa) {
        const double scale = std::ldexp(1.0, std::max(exponent, 1) - bias - mantissa_bits);
        finite_.push_back(scale * (mantissa + (exponent == 0 ? 0 : 1 << mantissa_bits)));
      }
    }
    if (!has_infinity) {
      finite_.pop_back();  // all ones is the NaN of float8e4m3
    }
  }

  double decode(std::uint64_t bits) const {
    const double magnitude = finite_.at(bits & (sign_bit_ - 1));
    return (bits & sign_bit_) != 0 ? -magnitude : magnitude;
  }

  std::uint64_t encode(double value) const {
    const double magnitude = std::abs(value);
    const auto above = std::lower_bound(finite_.begin(), finite_.end(), magnitude);
    EXPECT_NE(above, finite_.end()) << value << " overflows";
    auto index = static_cast<std::uint64_t>(above - finite_.begin());
    if (index > 0 && *above != magnitude) {
      const double to_above = *above - magnitude;
      const double to_below = magnitude - finite_[index - 1];
      const bool tie_to_even = to_below == to_above && index % 2 == 1;
      index -= to_below < to_above || tie_to_even ? 1 : 0;
    }
    return value < 0 ? index | sign_bit_ : index;
  }

 private:
  std::uint64_t sign_bit_;
  std::vector<double> finite_;
};

const SmallFormat& small_format(Element element) {
  static const std::map<Element, SmallFormat> formats{{Element::float16, {5, 10, true}},
                                                      {Element::bfloat16, {8, 7, true}},
                                                      {Element::float8e4m3, {4, 3, false}},
                                                      {Element::float8e5m2, {5, 2, true}}};
  return formats.at(element);
}

template <class Value>
double decode_as(std::uint64_t bits) {
  Value value{};
  std::memcpy(&value, &bits, sizeof value);
  return static_cast<double>(value);
}

template <class Value>
std::uint64_t encode_as(double number) {
  const auto value = static_cast<Value>(number);
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  return bits;
}

struct Codec {
  std::function<double(std::uint64_t)> decode;
  std::function<std::uint64_t(double)> encode;
  bool is_whole = false;
};

template <class Value>
Codec native() {
  return {&decode_as<Value>, &encode_as<Value>, std::is_integral_v<Value>};
}

Codec codec_of(Element element) {
  switch (element) {
    case Element::int8:
      return native<std::int8_t>();
    case Element::uint8:
      return native<std::uint8_t>();
    case Element::int32:
      return native<std::int32_t>();
    case Element::uint32:
      return native<std::uint32_t>();
    case Element::int64:
      return native<std::int64_t>();
    case Element::uint64:
      return native<std::uint64_t>();
    case Element::float32:
      return native<float>();
    case Element::float64:
      return native<double>();
    default: {
      const SmallFormat& format = small_format(element);
      return {[&](std::uint64_t bits) { return format.decode(bits); },
              [&](double value) { return format.encode(value); }};
    }
  }
}

/// Combines two numbers of the type, rounding the result to the type.
class Machine {
 public:
  Machine(Element element, Reduction reduction) : codec_(codec_of(element)), reduction_(reduction) {}

  std::uint64_t combine(std::uint64_t a, std::uint64_t b) const {
    const double x = codec_.decode(a);
    const double y = codec_.decode(b);
    switch (reduction_) {
      case Reduction::prod:
        return codec_.encode(x * y);
      case Reduction::min:
        return x < y ? a : b;
      case Reduction::max:
        return x > y ? a : b;
      default:
        return codec_.encode(x + y);
    }
  }

  // As NCCL does: floating-point inputs times 1/ranks, whole numbers divided at the end.
  std::uint64_t before(std::uint64_t bits, std::size_t ranks) const {
    if (reduction_ != Reduction::avg || codec_.is_whole) {
      return bits;
    }
    const double share = codec_.decode(codec_.encode(1.0 / static_cast<double>(ranks)));
    return codec_.encode(codec_.decode(bits) * share);
  }
  std::uint64_t after(std::uint64_t bits, std::size_t ranks) const {
    return reduction_ == Reduction::avg && codec_.is_whole ? divided(bits, ranks) : bits;
  }
  std::uint64_t divided(std::uint64_t bits, std::size_t ranks) const {
    const double quotient = codec_.decode(bits) / static_cast<double>(ranks);
    return codec_.encode(codec_.is_whole ? std::trunc(quotient) : quotient);
  }

 private:
  Codec codec_;
  Reduction reduction_;
};

using Column = std::vector<std::uint64_t>;  // one element of every rank

std::uint64_t in_order(const Machine& machine, const Column& column) {
  std::uint64_t result = column.front();
  for (std::size_t rank = 1; rank < column.size(); ++rank) {
    result = machine.combine(result, column[rank]);
  }
  return result;
}

std::uint64_t by_tree(const Machine& machine, Column column) {
  for (; column.size() > 1; column.resize((column.size() + 1) / 2)) {
    for (std::size_t i = 0; i < column.size() / 2; ++i) {
      column[i] = machine.combine(column[i], column[column.size() - 1 - i]);
    }
  }
  return column.front();
}

std::vector<PatternTable> inputs_of(Element element, Reduction reduction, std::uint32_t ranks) {
  std::vector<PatternTable> inputs;
  for (std::uint32_t rank = 0; rank < ranks; ++rank) {
    inputs.push_back(table_of(Pattern::summand(element, reduction, ranks, rank)));
  }
  return inputs;
}

void compare(Element element, Reduction reduction, std::uint32_t ranks) {
  const Machine machine(element, reduction);
  const PatternTable expected = table_of(Pattern::reduced(element, reduction, ranks));
  const auto inputs = inputs_of(element, reduction, ranks);
  int wrong = 0;
  const std::size_t step = ranks > 100 ? 9 : 1;  // with many ranks some elements are enough
  for (std::size_t i = 0; i < PatternTable::period; i += step) {
    Column raw;
    Column column;
    for (const PatternTable& input : inputs) {
      raw.push_back(input.bits[i]);
      column.push_back(machine.before(input.bits[i], ranks));
    }
    const Column backward(column.rbegin(), column.rend());
    wrong += machine.after(in_order(machine, column), ranks) != expected.bits[i] ? 1 : 0;
    wrong += machine.after(in_order(machine, backward), ranks) != expected.bits[i] ? 1 : 0;
    wrong += machine.after(by_tree(machine, column), ranks) != expected.bits[i] ? 1 : 0;
    if (reduction == Reduction::avg) {
      wrong += machine.divided(in_order(machine, raw), ranks) != expected.bits[i] ? 1 : 0;
    }
  }
  EXPECT_EQ(wrong, 0) << name_of(element) << ' ' << name_of(reduction) << " over " << ranks << " ranks";
}

class EveryReduction : public testing::TestWithParam<std::uint32_t> {};

TEST_P(EveryReduction, HasTheSameBitsInAnyOrder) {
  for (const auto& [element, element_name] : Names<Element>::table) {
    for (const auto& [reduction, reduction_name] : Names<Reduction>::table) {
      if (!why_inexact(element, reduction, GetParam())) {
        compare(element, reduction, GetParam());
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Ranks, EveryReduction,
                         testing::Values(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 512,
                                         1000));

// Elements of the result that change when the data of `lost` ranks from `first` on get lost.
int changed_without(std::uint32_t first, std::uint32_t lost, Element element, Reduction reduction,
                    std::uint32_t ranks) {
  const Machine machine(element, reduction);
  const PatternTable expected = table_of(Pattern::reduced(element, reduction, ranks));
  const auto inputs = inputs_of(element, reduction, ranks);
  int changed = 0;
  for (std::size_t i = 0; i < PatternTable::period; ++i) {
    Column column;
    for (std::uint32_t rank = 0; rank < ranks; ++rank) {
      if ((rank + ranks - first) % ranks >= lost) {
        column.push_back(machine.before(inputs[rank].bits[i], ranks));
      }
    }
    changed += machine.after(in_order(machine, column), ranks) != expected.bits[i] ? 1 : 0;
  }
  return changed;
}

TEST(Summands, EveryRankHasASayInSomeElement) {
  for (const auto& [element, element_name] : Names<Element>::table) {
    for (const auto& [reduction, reduction_name] : Names<Reduction>::table) {
      for (const std::uint32_t ranks : {2U, 16U, 64U, 127U}) {
        // no power of two that int8 holds leaves anything of it when 127 ranks share it
        const bool vanishes = element == Element::int8 && reduction == Reduction::avg && ranks > 64;
        for (const std::uint32_t missing : {0U, ranks / 2, ranks - 1}) {
          if (!vanishes && !why_inexact(element, reduction, ranks)) {
            EXPECT_GT(changed_without(missing, 1, element, reduction, ranks), 0)
                << element_name << ' ' << reduction_name << " without rank " << missing << " of " << ranks;
          }
        }
      }
    }
  }
}

TEST(Summands, OfManyRanksAnyFewNeighboursHaveASay) {
  for (const std::uint32_t ranks : {255U, 256U}) {
    const std::uint32_t neighbours = (ranks + PatternTable::period - 1) / PatternTable::period;
    for (const auto& [element, element_name] : Names<Element>::table) {
      for (const auto& [reduction, reduction_name] : Names<Reduction>::table) {
        const bool vanishes = reduction == Reduction::avg && (element == Element::int8 || element == Element::uint8);
        for (const std::uint32_t first : {0U, 126U, 127U, 128U, ranks - neighbours, ranks - 1}) {
          if (!vanishes && !why_inexact(element, reduction, ranks)) {
            EXPECT_GT(changed_without(first, neighbours, element, reduction, ranks), 0)
                << element_name << ' ' << reduction_name << " without ranks from " << first << " of " << ranks;
          }
        }
      }
    }
  }
}

TEST(WhyInexact, NamesAveragesThatATypeCannotHold) {
  EXPECT_TRUE(why_inexact(Element::float8e4m3, Reduction::avg, 3));
  EXPECT_TRUE(why_inexact(Element::float8e4m3, Reduction::avg, 1024)) << "1/1024 is below the smallest number";
  EXPECT_TRUE(why_inexact(Element::float16, Reduction::avg, 20000));
  EXPECT_FALSE(why_inexact(Element::float8e4m3, Reduction::avg, 512));
  EXPECT_FALSE(why_inexact(Element::float8e5m2, Reduction::avg, 8));
  EXPECT_FALSE(why_inexact(Element::float8e4m3, Reduction::sum, 3));
  EXPECT_FALSE(why_inexact(Element::float16, Reduction::avg, 1000));
  EXPECT_FALSE(why_inexact(Element::int8, Reduction::avg, 1000));
  EXPECT_THROW(table_of(Pattern::reduced(Element::float8e5m2, Reduction::avg, 6)), std::exception);
}

TEST(Bits, OfKnownNumbers) {
  // IEEE 754 binary16, binary32 and binary64; bfloat16; the tables of OFP8 1.0. One rank's 2 averaged with a 0 is 1.
  for (const auto& [element, one] :
       {std::pair{Element::float16, 0x3C00ULL}, std::pair{Element::bfloat16, 0x3F80ULL},
        std::pair{Element::float32, 0x3F800000ULL}, std::pair{Element::float64, 0x3FF0000000000000ULL},
        std::pair{Element::float8e4m3, 0x38ULL}, std::pair{Element::float8e5m2, 0x3CULL}}) {
    const auto bits = table_of(Pattern::reduced(element, Reduction::avg, 2)).bits;
    EXPECT_NE(std::find(bits.begin(), bits.end(), one), bits.end()) << name_of(element);
  }
}

}  // namespace
}  // namespace hockney::pattern
