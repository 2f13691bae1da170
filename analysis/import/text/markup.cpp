#include "import/text/markup.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <utility>

#include "base/text.hpp"

namespace hockney::import {
namespace {

constexpr char escape = '\x1b';

bool is_in(char c, char first, char last) { return c >= first && c <= last; }

// Length of the escape sequence at `at`.
std::size_t sequence_at(std::string_view line, std::size_t at) {
  const std::string_view rest = line.substr(at + 1);
  if (rest.empty()) {
    return 1;
  }
  std::size_t end = 1;
  if (rest.front() == '[') {  // CSI: parameters, then a letter
    while (end < rest.size() && !is_in(rest[end], '@', '~')) {
      ++end;
    }
    return std::min(end + 2, rest.size() + 1);
  }
  if (rest.front() == ']') {  // OSC: text, then BEL or ESC and a backslash
    while (end < rest.size() && rest[end] != '\a' && rest[end] != escape) {
      ++end;
    }
    return std::min(end + 2 + (end < rest.size() && rest[end] == escape ? 1 : 0), rest.size() + 1);
  }
  return 2;
}

// Length of "[0m", "[1;32m" and the like at `at`; 0 when it is something else.
std::size_t lost_color_at(std::string_view line, std::size_t at) {
  const std::size_t end = line.find_first_not_of("0123456789;", at + 1);
  return end != std::string_view::npos && end > at + 1 && line[end] == 'm' ? end + 1 - at : 0;
}

constexpr std::array<std::string_view, 28> inline_tags{
    "a",      "b",     "i",     "u",     "em",       "strong", "span", "font",  "code",  "tt",
    "kbd",    "samp",  "small", "sub",   "html",     "body",   "head", "tbody", "thead", "style",
    "script", "title", "meta",  "table", "colgroup", "col",    "img",  "center"};
constexpr std::array<std::string_view, 16> block_tags{"br", "p",  "div", "pre", "tr", "li", "ul", "ol",
                                                      "h1", "h2", "h3",  "h4",  "h5", "h6", "hr", "blockquote"};

struct Tag {
  std::string name;
  bool closing = false;
  std::size_t length = 0;
};

// The tag at `at`; nothing for words in angle brackets that no page is laid out with.
std::optional<Tag> tag_at(std::string_view text, std::size_t at) {
  Tag tag;
  std::size_t i = at + 1;
  tag.closing = i < text.size() && text[i] == '/';
  i += tag.closing ? 1 : 0;
  while (i < text.size() && std::isalnum(static_cast<unsigned char>(text[i])) != 0) {
    tag.name += lower_case(text[i++]);
  }
  const std::size_t end = text.find_first_of("<>", i);
  const bool attributes = i < text.size() && (text[i] == ' ' || text[i] == '/' || text[i] == '>');
  if (tag.name.empty() || !attributes || end == std::string_view::npos || text[end] != '>') {
    return std::nullopt;
  }
  tag.length = end + 1 - at;
  const auto known = [&](const auto& tags) { return std::find(tags.begin(), tags.end(), tag.name) != tags.end(); };
  return known(inline_tags) || known(block_tags) || tag.name == "td" || tag.name == "th" ? std::optional(tag)
                                                                                         : std::nullopt;
}

bool is_block(const Tag& tag) { return std::find(block_tags.begin(), block_tags.end(), tag.name) != block_tags.end(); }

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> entities{{{"&lt;", "<"},
                                                                                 {"&gt;", ">"},
                                                                                 {"&amp;", "&"},
                                                                                 {"&quot;", "\""},
                                                                                 {"&apos;", "'"},
                                                                                 {"&nbsp;", " "},
                                                                                 {"&micro;", "u"}}};

// "&#39;" and "&#x27;" at the begin of a text: the character in ASCII, and the length.
std::pair<char, std::size_t> numeric_entity(std::string_view text) {
  const bool hex = text.starts_with("&#x") || text.starts_with("&#X");
  const std::size_t begin = hex ? 3 : 2;
  constexpr unsigned hard_blank = 0xA0;
  constexpr unsigned micro = 0xB5;
  unsigned value = 0;
  const auto [end, error] =
      std::from_chars(text.data() + std::min(begin, text.size()), text.data() + text.size(), value, hex ? 16 : 10);
  if (error != std::errc{} || end == text.data() + text.size() || *end != ';') {
    return {'&', 1};
  }
  const char c = value == hard_blank            ? ' '
                 : value == micro               ? 'u'
                 : value >= ' ' && value <= '~' ? static_cast<char>(value)
                                                : '?';
  return {c, static_cast<std::size_t>(end - text.data()) + 1};
}

std::string without_entities(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view rest = text.substr(i);
    const auto named =
        std::find_if(entities.begin(), entities.end(), [&](const auto& each) { return rest.starts_with(each.first); });
    if (rest.front() == '&' && named != entities.end()) {
      result += named->second;
      i += named->first.size();
    } else if (rest.starts_with("&#")) {
      const auto [c, length] = numeric_entity(rest);
      result += c;
      i += length;
    } else {
      result += text[i++];
    }
  }
  return result;
}

class Html {
 public:
  void take(const TextLine& line) {
    number_ = line.number;
    const std::string_view text = line.text;
    bool tagged = false;
    for (std::size_t i = 0; i < text.size();) {
      const auto tag = text[i] == '<' ? tag_at(text, i) : std::nullopt;
      if (!tag) {
        here_ += text[i++];
        continue;
      }
      i += tag->length;
      tagged = true;
      if (is_block(*tag)) {
        end_line(tag->name == "tr");
        in_row_ = tag->name == "tr" ? !tag->closing : in_row_;
      } else if (!tag->closing && (tag->name == "td" || tag->name == "th")) {
        here_ += " | ";
      }
    }
    in_row_ = in_row_ && (tagged || text.empty());  // a row that is not closed ends where plain text goes on
    if (in_row_) {
      here_ += ' ';  // cells on lines of their own
    } else if (!tagged) {
      push();
    } else {
      end_line(false);
    }
  }

  std::vector<TextLine> finish() {
    end_line(in_row_);
    return std::move(lines_);
  }

 private:
  void end_line(bool of_row) {
    if (here_.find_first_not_of(" \t") == std::string::npos) {
      here_.clear();
      return;
    }
    here_ += of_row && in_row_ ? " |" : "";
    push();
  }

  void push() {
    std::string text = without_entities(here_);
    if (text.find("&lt;") != std::string::npos || text.find("&nbsp;") != std::string::npos) {
      text = without_entities(text);  // escaped twice
    }
    lines_.push_back({number_, std::move(text)});
    here_.clear();
  }

  std::vector<TextLine> lines_;
  std::string here_;
  std::size_t number_ = 0;
  bool in_row_ = false;
};

}  // namespace

std::string without_terminal_codes(std::string_view line) {
  std::string text;
  for (std::size_t i = 0; i < line.size();) {
    const std::size_t lost = line[i] == '[' ? lost_color_at(line, i) : 0;
    if (line[i] == escape) {
      i += sequence_at(line, i);
    } else if (lost > 0) {
      i += lost;
    } else if (line[i] == '\b') {
      text.resize(text.size() - std::min<std::size_t>(1, text.size()));
      ++i;
    } else {
      text += line[i++];
    }
  }
  return text;
}

std::vector<TextLine> without_html(std::vector<TextLine> lines) {
  const bool marked = std::any_of(lines.begin(), lines.end(), [](const TextLine& line) {
    return line.text.find_first_of("<&") != std::string::npos;
  });
  if (!marked) {
    return lines;
  }
  Html html;
  for (const TextLine& line : lines) {
    html.take(line);
  }
  return html.finish();
}

}  // namespace hockney::import
