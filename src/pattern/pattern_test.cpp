#include "pattern/pattern.hpp"

#include <cstring>
#include <gtest/gtest.h>
#include <vector>

namespace hockney::pattern {
namespace {

std::vector<std::byte> filled(std::size_t elements, const Pattern& pattern) {
  std::vector<std::byte> buffer(elements * size_of(pattern.element).count);
  fill_host(buffer, table_of(pattern));
  return buffer;
}

TEST(Pattern, EveryElementTypeReadsBackWhatWasWritten) {
  for (const auto& [element, name] : Names<Element>::table) {
    const auto buffer = filled(1000, Pattern::moved(element, 3, 500));
    EXPECT_EQ(count_wrong_host(buffer, table_of(Pattern::moved(element, 3, 500))), 0U) << name;
    EXPECT_EQ(count_wrong_host(buffer, table_of(Pattern::moved(element, 3, 500 + 127))), 0U) << name << ": periodic";
    EXPECT_GT(count_wrong_host(buffer, table_of(Pattern::moved(element, 2, 500))), 950U) << name << ": another rank";
    EXPECT_GT(count_wrong_host(buffer, table_of(Pattern::moved(element, 3, 512))), 950U) << name << ": another place";
  }
}

TEST(Pattern, BlocksContinueTheRanksData) {
  const auto whole = filled(300, Pattern::moved(Element::int32, 1));
  const auto part = filled(40, Pattern::moved(Element::int32, 1, 260));
  EXPECT_EQ(std::memcmp(whole.data() + 260 * 4, part.data(), part.size()), 0);
}

TEST(Pattern, OneFlippedBitIsOneWrongElement) {
  auto buffer = filled(300, Pattern::moved(Element::float64, 0));
  buffer[8 * 200 + 3] ^= std::byte{1};
  EXPECT_EQ(count_wrong_host(buffer, table_of(Pattern::moved(Element::float64, 0))), 1U);
}

TEST(Pattern, RanksDiffer) {
  for (const auto& [element, name] : Names<Element>::table) {
    for (std::uint32_t rank = 1; rank < 100; ++rank) {
      EXPECT_NE(table_of(Pattern::moved(element, rank)).bits, table_of(Pattern::moved(element, rank - 1)).bits) << name;
    }
  }
}

TEST(Pattern, PoisonIsNoElementOfAnyPattern) {
  for (const auto& [element, name] : Names<Element>::table) {
    const std::vector<std::byte> poison(127 * size_of(element).count, std::byte{0xFF});
    for (std::uint32_t rank = 0; rank < 40; ++rank) {
      EXPECT_EQ(count_wrong_host(poison, table_of(Pattern::moved(element, rank))), 127U) << name;
      for (const auto& [reduction, operator_name] : Names<Reduction>::table) {
        const auto summand = table_of(Pattern::summand(element, reduction, 64, rank));
        EXPECT_EQ(count_wrong_host(poison, summand), 127U) << name << ' ' << operator_name;
        const auto reduced = table_of(Pattern::reduced(element, reduction, 1U << (rank % 10)));
        EXPECT_EQ(count_wrong_host(poison, reduced), 127U) << name << ' ' << operator_name;
      }
    }
  }
}

}  // namespace
}  // namespace hockney::pattern
