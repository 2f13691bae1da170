#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Texts as ASCII, whatever the locale is.
namespace hockney::inline base {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Digits that stand one after the other from `at` on; `at` may lie behind the end.
constexpr std::size_t digits_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_digit(text[end])) {
    ++end;
  }
  return end - at;
}

/// Without any of the characters `around` at both ends.
constexpr std::string_view trimmed(std::string_view text, std::string_view around = " \t\r") {
  const auto first = text.find_first_not_of(around);
  return first == std::string_view::npos ? std::string_view{}
                                         : text.substr(first, text.find_last_not_of(around) - first + 1);
}

constexpr char lower_case(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// The text in small letters.
inline std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return lower_case(c); });
  return lower;
}

/// Whether one of the words stands in the text, alone or within another word.
template <class Words>
constexpr bool holds_any(std::string_view text, const Words& words) {
  return std::any_of(words.begin(), words.end(),
                     [text](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

/// The words of a text as people vary them: runs of letters and digits, in small letters. "Llama-3.1 70B": llama, 3, 1,
/// 70b.
inline std::vector<std::string> words_in(std::string_view text) {
  std::vector<std::string> words;
  bool is_inside = false;
  for (const char c : text) {
    const bool belongs = is_letter(c) || is_digit(c);
    if (belongs && !is_inside) {
      words.emplace_back();
    }
    if (belongs) {
      words.back() += lower_case(c);
    }
    is_inside = belongs;
  }
  return words;
}

/// The same in one: "nvlstree" of "NVLS_Tree".
inline std::string letters_and_digits(std::string_view text) {
  std::string kept;
  for (const char c : text) {
    if (is_letter(c) || is_digit(c)) {
      kept += lower_case(c);
    }
  }
  return kept;
}

}  // namespace hockney::inline base
