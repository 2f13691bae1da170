#include "import/text/wrapped_lines.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "import/text/log_line.hpp"
#include "import/text/markup.hpp"

namespace hockney::import {
namespace {

constexpr std::string_view blanks = " \t";
constexpr std::size_t deepest = 4;  // strings in strings

// A piece of a line between two quotes that is a value.
struct Literal {
  std::string key;  // empty in arrays
  std::string text;
};

// The text of a JSON string; of what is none, with its line ends and tabs.
std::string unescaped(std::string_view inside) {
  std::string literal = "\"";
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] == '\\' && i + 1 < inside.size()) {
      literal += inside[i++];
    } else if (inside[i] == '"' || inside[i] == '\\') {
      literal += '\\';
    } else if (inside[i] == '\t') {
      literal += "\\t";
      continue;
    }
    literal += inside[i];
  }
  const auto json = nlohmann::json::parse(literal + "\"", nullptr, false);
  if (json.is_string()) {
    return json.get<std::string>();
  }
  std::string text;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    const char next = inside[i] == '\\' && i + 1 < inside.size() ? inside[i + 1] : '\0';
    const bool known = next == 'n' || next == 't' || next == '"';
    text += !known ? inside[i] : next == 'n' ? '\n' : next == 't' ? '\t' : '"';
    i += known ? 1 : 0;
  }
  return text;
}

// Where the string that begins behind `begin` ends: at its quote, or at the end of the line.
std::size_t end_of_literal(std::string_view line, std::size_t begin) {
  std::size_t i = begin;
  while (i < line.size() && line[i] != '"') {
    i += line[i] == '\\' ? 2U : 1U;
  }
  return std::min(i, line.size());
}

// "msg" of msg="...".
std::string key_before(std::string_view line, std::size_t quote) {
  if (quote == 0 || line[quote - 1] != '=') {
    return {};
  }
  const auto blank = line.substr(0, quote - 1).find_last_of(" \t{,");
  const std::size_t begin = blank == std::string_view::npos ? 0 : blank + 1;
  return std::string(line.substr(begin, quote - 1 - begin));
}

std::vector<Literal> literals_of(std::string_view line) {
  std::vector<Literal> literals;
  std::string key;
  for (std::size_t quote = line.find('"'); quote < line.size(); quote = line.find('"', quote)) {
    const std::size_t end = end_of_literal(line, quote + 1);
    const std::string_view inside = line.substr(quote + 1, end - quote - 1);
    const std::size_t next = line.find_first_not_of(blanks, std::min(end + 1, line.size()));
    if (next != std::string_view::npos && line[next] == ':') {
      key = inside;
    } else {
      const std::string assigned = key_before(line, quote);
      literals.push_back(
          {assigned.empty() ? std::exchange(key, {}) : assigned, without_terminal_codes(unescaped(inside))});
    }
    quote = std::min(end + 1, line.size());
  }
  return literals;
}

// "0,0452", "1,048,576": a cell in quotes, whose commas part no cells.
bool is_one_number(std::string_view text) {
  constexpr std::size_t group = 3;
  const std::size_t first = std::min(text.find(','), text.size());
  bool of_thousands = first <= group;
  for (std::size_t at = first; at < text.size(); at = text.find(',', at + 1)) {
    of_thousands = of_thousands && digits_at(text, at + 1) == group;
  }
  const bool decimal = text.find_first_of(".,", first + 1) == std::string_view::npos;
  return text.find_first_not_of("0123456789.,") == std::string_view::npos && (decimal || of_thousands);
}

// A comment, or a row that does not begin with a date.
bool holds_data(std::string_view line) {
  const std::string_view text = trimmed(line, blanks);
  if (is_one_number(text)) {
    return false;
  }
  if (text.starts_with('#')) {
    return text.size() == 1 || text[1] == ' ' || text[1] == '#' || text[1] == '\t';
  }
  const std::string_view first = text.substr(0, text.find_first_of(blanks));
  return first.find_first_of(":-/") == std::string_view::npos && looks_like_data(text);
}

std::vector<std::string_view> pieces_of(std::string_view text) {
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    pieces.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return pieces;
}

// Whether a line can be one of those that log collectors write, one string of which is the log's line: an object, an
// element of an array, logfmt, or a row of CSV.
bool is_record(std::string_view line) {
  std::string_view text = trimmed(line, blanks);
  text.remove_suffix(text.ends_with(',') ? 1 : 0);
  const bool object = text.ends_with('}') &&
                      (text.find("{\"") != std::string_view::npos || text.find("{ \"") != std::string_view::npos);
  const bool quoted = text.ends_with('"') && text.size() > 2;
  const bool cell = quoted && (text.starts_with('"') || text.find(",\"") != std::string_view::npos);
  const std::string_view first = text.substr(0, text.find_first_of(blanks));
  const bool logfmt =
      text.find("=\"") != std::string_view::npos && (quoted || first.find('=') != std::string_view::npos);
  return object || cell || logfmt;
}

// Whether a text has lines of a log, or a record that has.
bool holds_lines(std::string_view text) {
  const auto pieces = pieces_of(text);
  if (pieces.size() > 1 && std::any_of(pieces.begin(), pieces.end(), holds_data)) {
    return true;
  }
  return std::any_of(pieces.begin(), pieces.end(), [](std::string_view piece) {
    const auto literals = is_record(piece) ? literals_of(piece) : std::vector<Literal>{};
    return std::any_of(literals.begin(), literals.end(), [](const Literal& each) { return holds_lines(each.text); });
  });
}

class Unwrapping {
 public:
  explicit Unwrapping(const std::vector<TextLine>& lines) {
    for (const TextLine& line : lines) {
      literals_.push_back(line.text.find('"') == std::string::npos ? std::vector<Literal>{} : literals_of(line.text));
    }
    choose_keys(lines);
  }

  UnwrappedLines run(std::vector<TextLine> lines) {
    UnwrappedLines result;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      std::vector<std::string> texts = lines_in(lines[i].text, literals_[i]);
      if (texts.empty()) {
        result.lines.push_back(std::move(lines[i]));
        continue;
      }
      ++result.unwrapped;
      for (std::string& text : texts) {
        result.lines.push_back({lines[i].number, std::move(text)});
      }
    }
    return result;
  }

 private:
  static constexpr std::size_t least_records = 2;

  void choose_keys(const std::vector<TextLine>& lines) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (literals_[i].empty() || !is_record(lines[i].text)) {
        continue;
      }
      for (const Literal& literal : literals_[i]) {
        score_[literal.key] += holds_data(pieces_of(literal.text + "\n").front()) ? 1U : 0U;
      }
    }
    std::erase_if(score_, [](const auto& key) { return key.second < least_records; });
  }

  std::vector<std::string> lines_in(std::string_view line, const std::vector<Literal>& literals) const {
    std::vector<std::string> texts = of_long_strings(literals);
    texts = texts.empty() && is_record(line) ? of_best_key(literals) : texts;
    return texts.empty() ? of_escapes(line) : texts;
  }

  static void push(std::string_view text, std::vector<std::string>& to) {
    for (const std::string_view piece : pieces_of(text)) {
      to.emplace_back(piece);
    }
  }

  // Strings of several lines, and what stands beside them.
  static std::vector<std::string> of_long_strings(const std::vector<Literal>& literals) {
    std::vector<std::string> texts;
    if (std::none_of(literals.begin(), literals.end(), [](const Literal& each) { return holds_lines(each.text); })) {
      return texts;
    }
    for (const Literal& literal : literals) {
      if (holds_lines(literal.text)) {
        push(literal.key, texts);
      }
      push(literal.text, texts);
    }
    return texts;
  }

  std::vector<std::string> of_best_key(const std::vector<Literal>& literals) const {
    const auto score_of = [&](const Literal& literal) {
      const auto found = score_.find(literal.key);
      return found == score_.end() ? 0 : found->second;
    };
    const auto best = std::max_element(literals.begin(), literals.end(),
                                       [&](const Literal& a, const Literal& b) { return score_of(a) < score_of(b); });
    std::vector<std::string> texts;
    if (best == literals.end() || score_of(*best) == 0) {
      return texts;
    }
    for (const Literal& literal : literals) {
      if (literal.key == best->key) {
        push(literal.text.empty() ? "\n" : literal.text, texts);
      }
    }
    return texts;
  }

  // Line ends as two characters, outside of strings or escaped twice.
  static std::vector<std::string> of_escapes(std::string_view line) {
    constexpr std::string_view line_end = "\\n";
    std::vector<std::string> texts;
    const std::size_t first = line.find(line_end);
    if (first == std::string_view::npos || line.find(line_end, first + 1) == std::string_view::npos) {
      return texts;
    }
    const std::string text = unescaped(line);
    if (holds_lines(text)) {
      push(text, texts);
    }
    return texts;
  }

  std::vector<std::vector<Literal>> literals_;
  std::map<std::string, std::size_t> score_;  // of a key: how many of its strings are rows and comments
};

}  // namespace

UnwrappedLines unwrap_lines(std::vector<TextLine> lines) {
  UnwrappedLines result{std::move(lines), 0};
  for (std::size_t round = 0; round < deepest; ++round) {
    const bool quoted = std::any_of(result.lines.begin(), result.lines.end(), [](const TextLine& line) {
      return line.text.find('"') != std::string::npos || line.text.find("\\n") != std::string::npos;
    });
    if (!quoted) {
      break;
    }
    UnwrappedLines next = Unwrapping(result.lines).run(std::move(result.lines));
    result.lines = std::move(next.lines);
    result.unwrapped = std::max(result.unwrapped, next.unwrapped);
    if (next.unwrapped == 0) {
      break;
    }
  }
  return result;
}

}  // namespace hockney::import
