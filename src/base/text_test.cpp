#include "base/text.hpp"

#include <array>
#include <gtest/gtest.h>
#include <string_view>

namespace hockney::inline base {
namespace {

TEST(Text, IsTrimmedAtBothEndsOnly) {
  EXPECT_EQ(trimmed(" \ta b\r"), "a b");
  EXPECT_EQ(trimmed("**a b** ", "* "), "a b");
  EXPECT_EQ(trimmed(" \t"), "");
  EXPECT_EQ(trimmed(""), "");
}

TEST(Text, GetsSmallLetters) {
  EXPECT_EQ(lower_case("GB/s 10"), "gb/s 10");
  EXPECT_EQ(lower_case("\xC3\x84Z"), "\xC3\x84z") << "ASCII only";
}

TEST(Text, KeepsLettersAndDigits) {
  EXPECT_EQ(letters_and_digits("NVLS_Tree 2"), "nvlstree2");
  EXPECT_EQ(letters_and_digits("\xC3\x84-_"), "") << "ASCII only";
}

TEST(Text, HoldsWords) {
  constexpr std::array<std::string_view, 2> words{"reduce", "gather"};
  EXPECT_TRUE(holds_any("allgather", words));
  EXPECT_FALSE(holds_any("Reduce", words)) << "as they are written";
  EXPECT_FALSE(holds_any("", words));
}

TEST(Text, IsMadeOfWords) {
  EXPECT_EQ(words_in("Llama-3.1 70B_"), (std::vector<std::string>{"llama", "3", "1", "70b"}));
  EXPECT_TRUE(words_in(" -\xC3\x84").empty()) << "ASCII only";
}

TEST(Text, CountsDigitsFromAPosition) {
  EXPECT_EQ(digits_at("a123b", 1), 3U);
  EXPECT_EQ(digits_at("a123b", 0), 0U);
  EXPECT_EQ(digits_at("12", 5), 0U);
}

}  // namespace
}  // namespace hockney::inline base
