#include "import/text/log_text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

#include "base/error.hpp"
#include "import/text/encoding.hpp"
#include "import/text/line_prefix.hpp"
#include "import/text/log_line.hpp"
#include "import/text/markup.hpp"
#include "import/text/text_line.hpp"
#include "import/text/wrapped_lines.hpp"

namespace hockney::import {
namespace {

constexpr std::size_t most_lines = 2'000'000;

std::string magic_of(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> magics{{{"\x89HDF", "HDF5"},
                                                                                 {"\x1F\x8B", "gzip"},
                                                                                 {"PK\x03\x04", "zip"},
                                                                                 {"PAR1", "Parquet"},
                                                                                 {"\x7F"
                                                                                  "ELF",
                                                                                  "a program"},
                                                                                 {"%PDF", "PDF"}}};
  for (const auto& [begin, name] : magics) {
    if (text.starts_with(begin)) {
      return fmt::format("binary data ({})", name);
    }
  }
  return text.find('\0') == std::string_view::npos ? std::string{} : "binary data (it has NUL bytes)";
}

// A shell's command goes on behind a backslash at the end of its line.
std::vector<TextLine> with_whole_commands(const std::vector<TextLine>& lines) {
  constexpr std::size_t longest = 1 << 14;
  std::vector<TextLine> whole;
  bool goes_on = false;
  for (const TextLine& line : lines) {
    if (goes_on) {
      whole.back().text += line.text;
    } else {
      whole.push_back(line);
    }
    std::string& text = whole.back().text;
    const std::size_t end = text.find_last_not_of(" \t");
    goes_on = end != std::string::npos && end > 0 && text[end] == '\\' && text[end - 1] == ' ' && text.size() < longest;
    text.resize(goes_on ? end : text.size());
  }
  return whole;
}

void refuse_unreadable(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    throw InputError(text.empty() ? "empty file" : "nothing but blanks");
  }
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  if (lines > most_lines) {
    throw InputError(fmt::format("{} lines; files of more than {} lines are not read", lines, most_lines));
  }
  const std::string magic = magic_of(text);
  if (!magic.empty()) {
    throw InputError(magic);
  }
}

}  // namespace

std::vector<TextLine> split_lines(std::string_view text) {
  const bool has_line_feeds = text.find('\n') != std::string_view::npos;
  std::vector<TextLine> lines;
  for (std::size_t number = 1; !text.empty();) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    lines.push_back({number, std::string(text.substr(0, end))});
    const bool feed = end < text.size() && text[end] == '\n';
    const bool both = text.substr(end).starts_with("\r\n");
    number += feed || both || !has_line_feeds ? 1 : 0;
    text.remove_prefix(std::min(end + (both ? 2 : 1), text.size()));
  }
  return lines;
}

LogText text_of(std::string_view bytes) {
  LogText text;
  text.decoded = decode_text(bytes);
  refuse_unreadable(text.decoded);
  if (is_utf16(bytes)) {
    text.notes.emplace_back("UTF-16, read as UTF-8");
  }
  UnwrappedLines unwrapped = unwrap_lines(split_lines(text.decoded));
  if (unwrapped.unwrapped > 0) {
    text.notes.push_back(fmt::format("the text lies in strings of {} line{}: taken out of them", unwrapped.unwrapped,
                                     unwrapped.unwrapped == 1 ? "" : "s"));
  }
  for (TextLine& line : unwrapped.lines) {
    line.text = without_terminal_codes(line.text);
  }
  const auto lines = remove_prefixes(without_html(std::move(unwrapped.lines)), text.notes);
  for (const TextLine& line : with_whole_commands(lines)) {
    text.lines.push_back(log_line_of(line));
  }
  return text;
}

}  // namespace hockney::import
