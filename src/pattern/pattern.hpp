#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "vocabulary/element.hpp"

namespace hockney::pattern {

/// Test data with an exactly known answer, bit for bit, in every element type and reduction and for any order of
/// reducing. Data repeat after `PatternTable::period` elements, which is prime, so that a block that ended up in the
/// wrong place shows.
struct Pattern {
  enum class Kind {
    moved,    ///< data of one rank that are only moved: bit patterns that differ from rank to rank, never all ones
    summand,  ///< data of one rank that will be reduced: small numbers whose reduction the element type holds exactly
    reduced,  ///< what the summands of all ranks give
  };
  Kind kind = Kind::moved;
  Element element = Element::float32;
  Reduction reduction = Reduction::sum;  ///< summand and reduced
  std::uint32_t ranks = 1;               ///< summand and reduced: ranks that take part
  std::uint32_t rank = 0;                ///< moved and summand: whose data
  std::uint64_t first_index = 0;         ///< index of the buffer's first element in the rank's whole data

  static constexpr Pattern moved(Element element, std::uint32_t rank, std::uint64_t first_index = 0) {
    return {Kind::moved, element, Reduction::sum, 1, rank, first_index};
  }
  static constexpr Pattern summand(Element element, Reduction reduction, std::uint32_t ranks, std::uint32_t rank,
                                   std::uint64_t first_index = 0) {
    return {Kind::summand, element, reduction, ranks, rank, first_index};
  }
  static constexpr Pattern reduced(Element element, Reduction reduction, std::uint32_t ranks,
                                   std::uint64_t first_index = 0) {
    return {Kind::reduced, element, reduction, ranks, 0, first_index};
  }
};

/// One period of a pattern as raw bits: all that a device needs to write or check it. Plain data, passed to kernels by
/// value (1 KiB).
struct PatternTable {
  static constexpr std::uint32_t period = 127;
  std::array<std::uint64_t, period> bits{};  ///< the low 8 * width bits of element i of the data
  std::uint32_t width = 4;                   ///< bytes of one element: 1, 2, 4 or 8
  std::uint32_t phase = 0;                   ///< first_index mod period
};

/// Summands are built so that every partial result is exact: each element gets values other than the neutral one (0 for
/// sum and avg, 1 for prod) from so few ranks, in turn, that the largest exact whole number of the type (16 for
/// float8e4m3, 8 for float8e5m2, 256 for bfloat16, 2048 for float16) is not passed. avg gives one rank a power of two:
/// its share is then exact whichever way the library divides (NCCL multiplies inputs by 1/ranks first). min and max let
/// one rank win each element, in turn, and put the winner on the other side of 0 where the type has a sign. Throws
/// Failure where why_inexact() has something to say.
///
/// What the loss of a rank's data shows in: of any ceil(ranks / period) neighbouring ranks at least one has a say in
/// some element, so up to 127 ranks every one. Beyond, not every one can have: an element of min, max and avg is
/// decided by one rank, of sum by 16 (8 in float8e4m3, 4 in float8e5m2), of prod by as many as have an exact product (2
/// in float8e5m2). So a rank whose data are lost may go unnoticed from 128 ranks on for min, max and avg, from 509 on
/// for sums of float8e5m2, from 2033 on for those of wide types. Shares of avg that a whole-number type rounds down to
/// 0 (int8 over more than 64 ranks) show nothing.
PatternTable table_of(const Pattern& pattern);

/// Why a reduction of this type over so many ranks has no exact answer to check against (avg of 8-bit floats over
/// 3 ranks); nothing when it has.
std::optional<std::string> why_inexact(Element element, Reduction reduction, std::uint32_t ranks);

/// Writes the pattern. `buffer` is host memory, a whole number of elements.
void fill_host(std::span<std::byte> buffer, const PatternTable& table);

/// Elements that differ from the pattern, bit for bit.
std::uint64_t count_wrong_host(std::span<const std::byte> buffer, const PatternTable& table);

}  // namespace hockney::pattern
