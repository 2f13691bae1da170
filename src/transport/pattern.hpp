#pragma once

#include <cstdint>
#include <span>

#include "plan/case.hpp"

namespace hockney {

/// Test data with an exactly known answer. Element i of rank r's input is the small whole number (7 r + i) mod 17,
/// which every element type holds exactly; sums over ranks are exact as long as 16 times the number of ranks fits the
/// type (integers wrap). 16-bit floating types are filled as bit patterns, since they are only moved, never added, in
/// host memory.
struct Pattern {
  enum class Kind { of_rank, sum_over_ranks };
  Kind kind = Kind::of_rank;
  std::uint32_t rank = 0;         ///< of_rank: whose data; sum_over_ranks: how many ranks
  std::uint64_t first_index = 0;  ///< index of the buffer's first element in the rank's whole input

  static constexpr Pattern of_rank(std::uint32_t rank, std::uint64_t first_index = 0) {
    return {Kind::of_rank, rank, first_index};
  }
  static constexpr Pattern sum_over(std::uint32_t ranks, std::uint64_t first_index = 0) {
    return {Kind::sum_over_ranks, ranks, first_index};
  }
};

/// Writes the pattern. `buffer` is host memory, a whole number of elements.
void fill_host(std::span<std::byte> buffer, Element element, const Pattern& pattern);

/// Elements that differ from the pattern.
std::uint64_t count_wrong_host(std::span<const std::byte> buffer, Element element, const Pattern& pattern);

}  // namespace hockney
