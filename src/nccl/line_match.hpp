#pragma once

#include <cstdint>
#include <optional>
#include <regex>
#include <string>
#include <string_view>

namespace hockney::nccl {

using LineMatch = std::match_results<std::string_view::const_iterator>;

/// The match of a pattern in a line that holds the word; nothing in others, which are most, and a regular expression
/// is slow. The match refers to the line.
inline std::optional<LineMatch> find_in_line(std::string_view line, std::string_view word, const std::regex& pattern) {
  LineMatch match;
  if (line.find(word) == std::string_view::npos || !std::regex_search(line.begin(), line.end(), match, pattern)) {
    return std::nullopt;
  }
  return match;
}

/// The number of a part of a match that holds digits only, nine at most.
inline std::uint32_t number_in(const std::string& digits) { return static_cast<std::uint32_t>(std::stoul(digits)); }

}  // namespace hockney::nccl
