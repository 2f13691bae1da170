#include "base/loose_words.hpp"

#include <cctype>
#include <numeric>

namespace hockney::inline base {

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  bool is_inside = false;
  for (const char each : text) {
    const auto letter = static_cast<unsigned char>(each);
    const bool belongs = std::isalnum(letter) != 0;
    if (belongs && !is_inside) {
      words.emplace_back();
    }
    if (belongs) {
      words.back() += static_cast<char>(std::tolower(letter));
    }
    is_inside = belongs;
  }
  return words;
}

std::string squashed(std::string_view text) {
  const std::vector<std::string> words = words_of(text);
  return std::accumulate(words.begin(), words.end(), std::string());
}

}  // namespace hockney::inline base
