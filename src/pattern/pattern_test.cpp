#include "transport/pattern.hpp"

#include <cstring>
#include <gtest/gtest.h>
#include <vector>

namespace hockney {
namespace {

std::vector<std::byte> filled(Element element, std::size_t elements, const Pattern& pattern) {
  std::vector<std::byte> buffer(elements * size_of(element).count);
  fill_host(buffer, element, pattern);
  return buffer;
}

TEST(Pattern, EveryElementTypeReadsBackWhatWasWritten) {
  for (const auto& [element, name] : Names<Element>::table) {
    const auto buffer = filled(element, 100, Pattern::of_rank(3, 5));
    EXPECT_EQ(count_wrong_host(buffer, element, Pattern::of_rank(3, 5)), 0U) << name;
    EXPECT_GT(count_wrong_host(buffer, element, Pattern::of_rank(2, 5)), 90U) << name;
  }
}

TEST(Pattern, SumOverRanksIsTheSumOfTheRanksPatterns) {
  constexpr std::uint32_t ranks = 8;
  std::vector<float> sum(40, 0);
  for (std::uint32_t rank = 0; rank < ranks; ++rank) {
    std::vector<float> one(40);
    fill_host(std::as_writable_bytes(std::span(one)), Element::float32, Pattern::of_rank(rank, 9));
    for (std::size_t i = 0; i < sum.size(); ++i) {
      sum[i] += one[i];
    }
  }
  EXPECT_EQ(count_wrong_host(std::as_bytes(std::span(sum)), Element::float32, Pattern::sum_over(ranks, 9)), 0U);
}

TEST(Pattern, OneFlippedBitIsOneWrongElement) {
  auto buffer = filled(Element::float64, 50, Pattern::of_rank(0));
  buffer[8 * 17 + 3] ^= std::byte{1};
  EXPECT_EQ(count_wrong_host(buffer, Element::float64, Pattern::of_rank(0)), 1U);
}

TEST(Pattern, PoisonIsNoPattern) {
  for (const auto& [element, name] : Names<Element>::table) {
    const std::vector<std::byte> poison(64 * size_of(element).count, std::byte{0xFF});
    EXPECT_EQ(count_wrong_host(poison, element, Pattern::of_rank(1)), 64U) << name;
  }
}

}  // namespace
}  // namespace hockney
