#include "import/tables/sentences.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "import/imported_points.hpp"
#include "import/tables/heading_words.hpp"
#include "import/tables/plain_text.hpp"
#include "import/tables/text_above.hpp"

namespace hockney::import {
namespace {

constexpr std::size_t longest = 300;       // characters of a line
constexpr std::size_t most_rows = 10'000;  // a log of something else has more

/// A heading and its cell.
using Pair = std::pair<std::string, std::string>;
using Pairs = std::vector<Pair>;

bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '_'; }

/// A number of a text, its unit and the word before it.
struct Figure {
  std::string key;
  std::string two_words;  ///< the key with the word before it, "bus bandwidth", "setup time"
  std::string number;
  std::string unit;
  std::string behind;     ///< the word behind it, "busbw" of "(busbw)"
  std::string rest;       ///< the next characters
  bool assigned = false;  ///< '=' or ':' stands between the key and the number
  bool is_bound = false;  ///< of a range or a fraction, or a limit: "40-50 us", "1 to 4 MB", "1/2 MB", "<45 us"; or the
                          ///< end of a number with blanks: "2 500 bytes"
};

// The figures of a line, one after the other.
class Figures {
 public:
  explicit Figures(std::string_view text) : text_(text) {}

  std::optional<Figure> next() {
    while (at_ < text_.size()) {
      const std::size_t begin = at_;
      const bool starts =
          is_digit(text_[begin]) && (begin == 0 || !(is_word(text_[begin - 1]) || text_[begin - 1] == '.'));
      at_ += starts ? number_at(begin) : 1;
      if (starts) {
        return figure(begin);
      }
    }
    return std::nullopt;
  }

 private:
  std::size_t number_at(std::size_t begin) const {
    std::size_t end = begin + digits_at(text_, begin);
    while (end + 1 < text_.size() && (text_[end] == '.' || text_[end] == ',') && is_digit(text_[end + 1])) {
      end += 1 + digits_at(text_, end + 1);
    }
    end += exponent_at(end);
    return end + power_at(end) - begin;
  }

  // Characters of "e-05" in "5.2e-05 s"; 0 without.
  std::size_t exponent_at(std::size_t at) const {
    if (at >= text_.size() || lower_case(text_[at]) != 'e') {
      return 0;
    }
    const std::size_t sign = at + 1 < text_.size() && (text_[at + 1] == '+' || text_[at + 1] == '-') ? 1 : 0;
    const std::size_t digits = digits_at(text_, at + 1 + sign);
    return digits == 0 ? 0 : 1 + sign + digits;
  }

  // Characters of "^20" in "2^20 bytes"; 0 without.
  std::size_t power_at(std::size_t at) const {
    for (const std::string_view sign : {"^", "**", "<<"}) {
      const std::size_t digits = text_.substr(at).starts_with(sign) ? digits_at(text_, at + sign.size()) : 0;
      if (digits > 0) {
        return sign.size() + digits;
      }
    }
    return 0;
  }

  // Characters of " +- 0.3" in "45.2 +- 0.3 us" and in "45.2 us +- 0.3 us"; 0 without.
  std::size_t error_at(std::size_t at) const {
    for (const std::string_view sign : {"+-", "+/-"}) {
      const std::size_t begin = std::min(text_.find_first_not_of(" (", at), text_.size());
      const std::size_t number = text_.find_first_not_of(' ', begin + sign.size());
      if (text_.substr(begin).starts_with(sign) && number != std::string_view::npos) {
        return number + number_at(number) - at;
      }
    }
    return 0;
  }

  Figure figure(std::size_t begin) {
    Figure found;
    const std::size_t first_character = begin - (has_minus(begin) ? 1 : 0);
    found.number = text_.substr(first_character, at_ - first_character);
    at_ += error_at(at_);
    const std::size_t unit = at_ + (at_ < text_.size() && text_[at_] == ' ' ? 1 : 0);
    std::size_t end = unit;
    while (end < text_.size() && (is_word(text_[end]) || text_[end] == '/')) {
      ++end;
    }
    const bool is_key = end < text_.size() && text_[end] == '=';  // "bytes=1048576 t=45.5us"
    if (!is_key && unit_of_word(text_.substr(unit, end - unit))) {
      found.unit = text_.substr(unit, end - unit);
      at_ = end + error_at(end);
    }
    found.is_bound = is_bound(text_.substr(0, first_character)) || may_be_thousands(begin, found.number);
    std::size_t last = first_character;
    while (last > 0 && std::string_view(" \t'\"=:(").find(text_[last - 1]) != std::string_view::npos) {
      --last;
      found.assigned = found.assigned || text_[last] == '=' || text_[last] == ':';
    }
    const std::size_t first = begin_of_word(last);
    found.key = text_.substr(first, last - first);
    const std::size_t before = begin_of_word(first - (first > 0 && text_[first - 1] == ' ' ? 1 : 0));
    found.two_words = text_.substr(before, last - before);
    const auto behind = text_.substr(std::min(text_.find_first_not_of(" (", at_), text_.size()));
    const std::size_t length = std::min(behind.find_first_of(" \t,;:=)"), behind.size());
    found.behind = behind.substr(0, length);
    constexpr std::size_t near = 24;
    found.rest = behind.substr(0, near);
    return found;
  }

  static bool is_bound(std::string_view before) {
    const std::string_view text = trimmed(before);
    const auto digit_before = [&](std::size_t length) {
      const std::string_view rest = trimmed(text.substr(0, text.size() - std::min(length, text.size())));
      return !rest.empty() && is_digit(rest.back());
    };
    return ((before.ends_with('-') || before.ends_with('/')) && digit_before(1)) ||
           (text.ends_with(" to") && digit_before(2)) || text.ends_with('<') ||
           (text.ends_with('>') && !text.ends_with("->") && !text.ends_with("=>"));
  }

  // "500" of "2 500 bytes", of which nobody knows whether it is one number; not of "1024 500 us".
  bool may_be_thousands(std::size_t begin, std::string_view number) const {
    constexpr std::size_t group = 3;
    const std::string_view before = text_.substr(0, begin);
    if (digits_at(number, 0) != group || !before.ends_with(' ')) {
      return false;
    }
    const std::string_view last = before.substr(0, begin - 1);
    const std::size_t first = begin_of_word(last.size());
    const std::size_t digits = last.size() - first;
    return digits > 0 && digits <= group && digits_at(last, first) == digits;
  }

  // "time=-1", not "rank-1".
  bool has_minus(std::size_t begin) const {
    return begin > 0 && text_[begin - 1] == '-' &&
           (begin == 1 || std::string_view(" \t=:(").find(text_[begin - 2]) != std::string_view::npos);
  }

  // Where the word that ends at `end` begins.
  std::size_t begin_of_word(std::size_t end) const {
    while (end > 0 && is_word(text_[end - 1])) {
      --end;
    }
    return end;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

bool is_of_memory(const std::vector<std::string>& words) {
  constexpr std::array<std::string_view, 7> names{"mem", "memory", "allocated", "reserved", "vram", "ram", "hbm"};
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return std::find(names.begin(), names.end(), word) != names.end();
  });
}

// "busbw" or "algbw" where a word beside the number says which.
std::string heading_of_rate(const Figure& figure) {
  for (const std::string& name : {figure.key, figure.two_words, figure.behind}) {
    const Column column = read_heading(name);
    if (column.role == ColumnRole::busbw || (column.role == ColumnRole::algbw && !column.either_bandwidth)) {
      return column.role == ColumnRole::busbw ? "busbw" : "algbw";
    }
  }
  return "bandwidth";
}

// "size=1024", "time_us: 5", "numel = 8 elements": the key, where a header may name it so.
std::string heading_of_assigned(const Figure& figure) {
  if (!figure.assigned) {
    return {};
  }
  const ColumnRole role = read_heading(figure.key).role;
  const bool known =
      role == ColumnRole::size || role == ColumnRole::count || (is_value(role) && role != ColumnRole::value);
  return known ? figure.key : std::string{};
}

// Whether bytes are none of a message: "memory 12.5 GB", "cache: 4 MB".
bool is_other_size(const Figure& figure) {
  const ColumnRole role = read_heading(figure.key).role;
  const bool ends_label = role == ColumnRole::ranks || role == ColumnRole::nodes;  // "8 GPUs: 1 MB"
  return is_of_memory(words_in(figure.key)) ||
         (figure.assigned && !operation_of_word(figure.key) && role != ColumnRole::size && !ends_label);
}

// "1M elements", "4K fp16 elements"
bool counts_elements(const Figure& figure) {
  constexpr std::array<std::string_view, 3> words{"element", "elems", "floats"};
  const std::string unit = lower_case(figure.unit);
  return (unit == "k" || unit == "m") && holds_any(figure.rest, words);
}

// What a number is called in a header. Empty where it is none of a table of collectives.
std::string heading_of(const Figure& figure) {
  const auto unit = figure.unit.empty() ? std::nullopt : unit_of_word(figure.unit);
  if (!unit || unit->kind == UnitKind::elements) {
    return heading_of_assigned(figure);
  }
  if (unit->kind == UnitKind::bytes) {
    return is_other_size(figure) ? std::string{} : "size";
  }
  const auto words = words_in(figure.two_words);
  const bool is_moment = unit->kind == UnitKind::time && lower_case(figure.key) == "at";  // "at 12.5 s"
  if (is_moment || std::any_of(words.begin(), words.end(), means_another_thing)) {
    return {};
  }
  const auto statistic =
      std::find_if(words.begin(), words.end(), [](const std::string& word) { return statistic_of_word(word); });
  const std::string what = unit->kind == UnitKind::rate ? heading_of_rate(figure) : "time";
  return statistic == words.end() ? what : fmt::format("{} {}", *statistic, what);
}

// Reading what a line says takes time, and most say nothing of a collective.
bool may_say_facts(std::string_view text) {
  constexpr std::array<std::string_view, 13> words{"rank", "gpu",     "node",      "world", "reduce",
                                                   "all",  "scatter", "broadcast", "bcast", "ping",
                                                   "iter", "trial",   "repetition"};
  return holds_any(lower_case(text), words);
}

void add_facts(std::string_view text, Pairs& pairs) {
  const Facts facts = may_say_facts(text) ? facts_in(text) : Facts{};
  const auto add = [&](std::string_view heading, const auto& fact, auto word) {
    if (fact) {
      pairs.emplace_back(heading, word(*fact));
    }
  };
  const auto number = [](std::uint32_t value) { return fmt::format("{}", value); };
  const auto name = [](auto value) { return std::string(name_of(value)); };
  for (Pair& pair : pairs) {
    if (pair.first == "size" && facts.size_per_rank) {
      pair.first = *facts.size_per_rank ? "size per rank" : "total size";
    }
    constexpr std::array<std::string_view, 3> of_all{" took ", "total", "altogether"};
    if (pair.first == "time" && facts.iterations.value_or(1) > 1 && holds_any(text, of_all)) {
      pair.first = "total time";
    }
  }
  add("operation", facts.operation, name);
  add("dtype", facts.element, name);
  add("ranks", facts.ranks, number);
  add("nodes", facts.nodes, number);
  add("iterations", facts.iterations, number);
}

// "[0.123s]" at the begin of a line is when it was written. "[45.2 us]" may be what was measured.
std::string_view without_stamp(std::string_view text) {
  constexpr double us_per_s = 1e6;
  const std::string_view rest = trimmed(text);
  const std::size_t end = rest.find(']');
  if (!rest.starts_with('[') || end == std::string_view::npos) {
    return text;
  }
  const auto inside = read_quantity(rest.substr(1, end - 1), {});
  const bool seconds =
      inside && inside->unit && inside->unit->kind == UnitKind::time && inside->unit->factor == us_per_s;
  return seconds ? rest.substr(end + 1) : text;
}

// "size=1048576 (1.0 MB)"
bool repeats_size(const Pairs& pairs, const Pair& again) {
  constexpr double rounding = 0.06;
  const auto bytes = [](const std::string& cell) {
    const auto quantity = read_quantity(cell, {});
    return quantity ? quantity->number.value * quantity->unit.value_or(Unit{}).factor : 0;
  };
  return !pairs.empty() && read_heading(pairs.back().first).role == ColumnRole::size &&
         std::abs(bytes(pairs.back().second) / bytes(again.second) - 1) < rounding;
}

// The figures that a header may name; empty where one is a limit, or a size that is multiplied: "100 x 1 MB", "64 MB x
// 8 ranks".
Pairs figures_in(std::string_view text) {
  Pairs pairs;
  Figures figures(text);
  bool after_x = false;
  while (const auto figure = figures.next()) {
    Pair pair{heading_of(*figure), fmt::format("{} {}", figure->number, figure->unit)};
    const bool is_size = pair.first == "size";
    if (!pair.first.empty() && (figure->is_bound || (is_size && (figure->behind == "x" || after_x)))) {
      return {};
    }
    after_x = figure->behind == "x" && figure->unit.empty();
    if (is_size && counts_elements(*figure)) {
      pair = {"count", fmt::format("{} {}", figure->number, lower_case(figure->unit) == "k" ? "thousand" : "million")};
    }
    if (!pair.first.empty() && !(is_size && repeats_size(pairs, pair))) {
      pairs.push_back(std::move(pair));
    }
  }
  return pairs;
}

// A row; empty where the line tells none, or one thing twice.
Pairs row_in(std::string_view text) {
  Pairs pairs = text.size() > longest ? Pairs{} : figures_in(without_stamp(text));
  std::vector<std::string> headings;
  for (const Pair& pair : pairs) {
    if (std::find(headings.begin(), headings.end(), pair.first) != headings.end()) {
      return {};
    }
    headings.push_back(pair.first);
  }
  if (!is_header(read_header(headings))) {
    return {};
  }
  add_facts(text, pairs);
  return pairs;
}

class Reader {
 public:
  void take(const LogLine& line) {
    const std::string text = plain_text(line.raw);
    const Pairs pairs = row_in(text);
    if (pairs.empty()) {
      above_.add(text);
      return;
    }
    open_ = !above_.settle(!sheets_.empty()) && open_;
    std::vector<std::string> headings;
    SheetRow row{line.number, {}};
    for (const auto& [heading, cell] : pairs) {
      headings.push_back(heading);
      row.cells.push_back(cell);
    }
    if (!open_ || headings != headings_) {
      sheets_.push_back({above_.facts(), above_.title(), line.number, read_header(headings), {}, {}});
      headings_ = std::move(headings);
      open_ = true;
    }
    sheets_.back().rows.push_back(std::move(row));
    ++rows_;
  }

  bool is_too_long() const { return rows_ > most_rows; }

  Sheets sheets() && {
    Sheets found;
    for (Sheet& sheet : is_too_long() ? std::vector<Sheet>{} : std::move(sheets_)) {
      if (sheet.rows.size() > 1 || has_role(sheet.columns, ColumnRole::operation)) {
        found.sheets.push_back(std::move(sheet));
      } else {
        found.stray.push_back({sheet.header_line,
                               "tells a size and a time or a bandwidth, but no operation, and the lines beside it do "
                               "not tell the same: it may be of something else"});
      }
    }
    return found;
  }

 private:
  TextAbove above_;
  std::vector<Sheet> sheets_;
  std::vector<std::string> headings_;  // of the last table
  std::size_t rows_ = 0;
  bool open_ = false;
};

}  // namespace

Sheets read_sentences(std::span<const LogLine> lines) {
  Reader reader;
  for (auto line = lines.begin(); line != lines.end() && !reader.is_too_long(); ++line) {
    reader.take(*line);
  }
  return std::move(reader).sheets();
}

}  // namespace hockney::import
