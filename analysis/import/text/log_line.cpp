#include "import/text/log_line.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "import/text/encoding.hpp"
#include "import/text/printed_number.hpp"

namespace hockney::import {
namespace {

constexpr std::string_view blanks = " \t\r";

// Length of "[1,0]<stdout>:" or "[prterun-node1-17@1,0]<stdout>:" at `position`, 0 when it is something else.
std::size_t mpi_tag(std::string_view text, std::size_t position) {
  constexpr std::size_t longest = 128;
  const std::string_view window = text.substr(position, longest);
  const std::size_t comma = window.find(',');
  const std::size_t closing = std::min(window.find(']'), window.find_first_of(blanks));
  if (comma >= closing || closing == std::string_view::npos || window[closing] != ']' || comma == 1 ||
      !is_digit(window[comma - 1]) || comma + 1 + digits_at(window, comma + 1) != closing || closing == comma + 1) {
    return 0;
  }
  const std::size_t end = position + closing + 1;
  for (const std::string_view stream : {"<stdout>:", "<stderr>:", "<stddiag>:"}) {
    if (text.substr(end).starts_with(stream)) {
      return end + stream.size() - position;
    }
  }
  return 0;
}

// Length of "[12]" at `position` at the start of a line or glued to a digit before it, with a blank after it.
std::size_t rank_tag(std::string_view text, std::size_t position) {
  const std::size_t digits = digits_at(text, position + 1);
  const std::size_t end = position + 1 + digits;
  const bool bracketed = digits > 0 && end + 1 < text.size() && text[end] == ']' && text[end + 1] == ' ';
  const bool placed = position == 0 || is_digit(text[position - 1]);
  return bracketed && placed ? end + 1 - position : 0;
}

std::string without_tags(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t skip = 0;
    if (text[i] == '[') {
      skip = std::max(mpi_tag(text, i), rank_tag(text, i));
    }
    result += skip > 0 ? ' ' : text[i];
    i += std::max<std::size_t>(skip, 1);
  }
  return result;
}

// "| 8 | **2** |" -> "  8   2  "
std::string without_markdown(std::string_view row) {
  std::string text(row);
  std::erase(text, '*');
  std::replace(text.begin(), text.end(), '|', ' ');
  return text;
}

// Where an NCCL_DEBUG message begins ("host:pid:tid [0] NCCL INFO ..."), npos without one. A row that the message cut
// may be glued to the host name ("-1gcn151:..."), which begins with a letter.
std::size_t diagnostic_start(std::string_view text) {
  constexpr std::array<std::string_view, 3> levels{"NCCL INFO", "NCCL WARN", "NCCL TRACE"};
  std::size_t level = std::string_view::npos;
  for (const std::string_view word : levels) {
    level = std::min(level, text.find(word));
  }
  if (level == std::string_view::npos) {
    return level;
  }
  const std::string_view before = text.substr(0, level);
  const auto colon = before.find(':');
  if (colon == std::string_view::npos) {
    return 0;
  }
  const auto blank = before.substr(0, colon).find_last_of(" \t");
  const std::size_t word = blank == std::string_view::npos ? 0 : blank + 1;
  const auto letter = std::find_if(before.begin() + static_cast<std::ptrdiff_t>(word),
                                   before.begin() + static_cast<std::ptrdiff_t>(colon), is_letter);
  return static_cast<std::size_t>(letter - before.begin());
}

}  // namespace

LogLine log_line_of(const TextLine& line) {
  std::string raw = without_tags(line.text);
  std::string diagnostic;
  if (!trimmed(raw).starts_with('|')) {
    const std::size_t cut = std::min(diagnostic_start(raw), raw.size());
    diagnostic = plain_ascii(raw.substr(cut));
    raw.resize(cut);
  }
  const std::string ascii = plain_ascii(raw);
  const std::string_view text = trimmed(ascii);
  std::string kept(text.starts_with('|') ? trimmed(without_markdown(text)) : text);
  return {line.number, std::move(raw), std::move(kept), std::move(diagnostic)};
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (auto begin = text.find_first_not_of(blanks); begin != std::string_view::npos;) {
    const auto end = std::min(text.find_first_of(blanks, begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(blanks, end);
  }
  return words;
}

bool looks_like_data(std::string_view text) {
  std::string spaced(text);
  std::replace_if(
      spaced.begin(), spaced.end(), [](char c) { return c == '|' || c == ',' || c == '*'; }, ' ');
  const auto words = words_of(spaced);
  const auto count = [&](auto predicate) {
    return static_cast<std::size_t>(std::count_if(words.begin(), words.end(), predicate));
  };
  const std::size_t figures = count([](std::string_view word) { return is_digit(word.front()); });
  if (figures >= 2 && is_digit(words.front().front()) && 2 * figures > words.size()) {
    return true;
  }
  constexpr std::size_t surely_a_row = 4;
  const std::size_t numbers = count([](std::string_view word) { return read_printed_number(word).has_value(); });
  const bool labelled = numbers >= 2 && numbers + 1 == words.size() &&
                        (words.front().ends_with(':') || words.front().ends_with(']') || words.front().ends_with('>'));
  return labelled || (numbers >= surely_a_row && 2 * numbers > words.size());
}

}  // namespace hockney::import
