#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

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

/// The letters and digits of a text, in small letters: "nvlstree" of "NVLS_Tree".
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
