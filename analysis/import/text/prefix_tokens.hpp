#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hockney::import {

/// A piece of a line's beginning.
struct PrefixToken {
  enum class Kind : char {
    group = 'g',   ///< text in brackets: "[1,0]", "<stdout>", "(head, rank=0, pid=22990)"
    stamp = 's',   ///< a date or a time of day, in figures or by name: "2026-08-06T14:10:20.1Z", "14:10:20", "Aug"
    number = 'n',  ///< anything else that begins with a digit: "12", "1754514620.123", "10.0.0.1"
    word = 'w',    ///< what begins with a letter, up to a blank, bracket or sign: "gpu01", "INFO", "pod/launcher-0"
    sign = '!'     ///< one other character
  };

  Kind kind = Kind::sign;
  std::string_view text;
  std::size_t end = 0;  ///< in the line, behind the token and the blanks that follow it
  bool cut = false;     ///< whether content can begin behind it: after a blank, a bracket or one of ": > |"
};

/// The tokens of a line's beginning: at most 16, none behind the first '#' that can begin content.
std::vector<PrefixToken> prefix_tokens(std::string_view line);

/// What follows the first `count` tokens and the blanks behind them.
std::string_view content_behind(std::string_view line, const std::vector<PrefixToken>& tokens, std::size_t count);

/// Kinds and signs of the first `count` tokens as one text: "s", "g:", "w|".
std::string shape_of(const std::vector<PrefixToken>& tokens, std::size_t count);

}  // namespace hockney::import
