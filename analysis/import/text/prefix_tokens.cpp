#include "import/text/prefix_tokens.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace hockney::import {
namespace {

using Kind = PrefixToken::Kind;

constexpr std::string_view blanks = " \t";
constexpr std::size_t most_tokens = 16;
constexpr std::size_t longest_group = 120;

bool is_separator(char c) { return c == ':' || c == '-' || c == '/'; }
bool is_blank(char c) { return blanks.find(c) != std::string_view::npos; }

// Length of "[...]" at the begin of a text; 0 when it does not close.
std::size_t group_at(std::string_view text) {
  constexpr std::string_view openers = "[(<{";
  constexpr std::string_view closers = "])>}";
  const std::size_t which = openers.find(text.front());
  if (which == std::string_view::npos) {
    return 0;
  }
  const std::size_t end = text.substr(0, longest_group).find(closers[which]);
  const bool angle = text.front() == '<';
  return end == std::string_view::npos || end == 1 || (angle && text.substr(0, end).find(' ') != std::string_view::npos)
             ? 0
             : end + 1;
}

// Length of a date or a time in figures: five digits or more with two of "-:/" between them.
std::size_t stamp_at(std::string_view text) {
  std::size_t end = 0;
  std::size_t digits = 0;
  std::size_t separators = 0;
  while (end < text.size() &&
         (is_digit(text[end]) || std::string_view(":-/.,+TZ").find(text[end]) != std::string_view::npos)) {
    digits += is_digit(text[end]) ? 1U : 0U;
    separators += is_separator(text[end]) ? 1U : 0U;
    ++end;
  }
  while (end > 0 && !is_digit(text[end - 1]) && text[end - 1] != 'Z') {
    separators -= is_separator(text[end - 1]) ? 1U : 0U;
    --end;
  }
  constexpr std::size_t least_digits = 5;
  const bool ends = end == text.size() || !is_letter(text[end]);
  return digits >= least_digits && separators >= 2 && is_digit(text.front()) && ends ? end : 0;
}

bool is_calendar_word(std::string_view word) {
  constexpr std::array<std::string_view, 19> words{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
                                                   "Nov", "Dec", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::size_t word_at(std::string_view text) { return std::min(text.find_first_of(" \t:|>)]}[(<{;,=\"#"), text.size()); }

PrefixToken token_at(std::string_view text) {
  PrefixToken token;
  std::size_t length = group_at(text);
  token.kind = Kind::group;
  if (length == 0 && is_digit(text.front())) {
    length = stamp_at(text);
    token.kind = length > 0 ? Kind::stamp : Kind::number;
    length = length > 0 ? length : word_at(text);
  } else if (length == 0 && is_letter(text.front())) {
    length = word_at(text);
    token.kind = is_calendar_word(text.substr(0, length)) ? Kind::stamp : Kind::word;
  } else if (length == 0) {
    length = 1;
    token.kind = Kind::sign;
  }
  token.text = text.substr(0, length);
  return token;
}

bool ends_prefix(const PrefixToken& token) {
  constexpr std::string_view signs = ":>|])}";
  return token.kind == Kind::group ||
         (token.kind == Kind::sign && signs.find(token.text.front()) != std::string_view::npos);
}

}  // namespace

std::vector<PrefixToken> prefix_tokens(std::string_view line) {
  std::vector<PrefixToken> tokens;
  std::size_t at = std::min(line.find_first_not_of(blanks), line.size());
  while (at < line.size() && tokens.size() < most_tokens) {
    const bool content = tokens.empty() || tokens.back().cut;
    if (line[at] == '#' && content) {
      break;
    }
    PrefixToken token = token_at(line.substr(at));
    at += token.text.size();
    const bool blank = at == line.size() || is_blank(line[at]);
    token.cut = blank || ends_prefix(token);
    at = std::min(line.find_first_not_of(blanks, at), line.size());
    token.end = at;
    tokens.push_back(token);
  }
  return tokens;
}

std::string_view content_behind(std::string_view line, const std::vector<PrefixToken>& tokens, std::size_t count) {
  return line.substr(count == 0 ? std::min(line.find_first_not_of(" \t"), line.size()) : tokens[count - 1].end);
}

std::string shape_of(const std::vector<PrefixToken>& tokens, std::size_t count) {
  std::string shape;
  for (std::size_t i = 0; i < count; ++i) {
    const char first = tokens[i].text.front();
    const bool ascii = static_cast<unsigned char>(first) < 0x80;  // other signs draw boxes
    shape += tokens[i].kind != Kind::sign && tokens[i].kind != Kind::group ? static_cast<char>(tokens[i].kind)
             : ascii                                                       ? first
                                                                           : '|';
  }
  return shape;
}

}  // namespace hockney::import
