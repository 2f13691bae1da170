#include "predict/score/table_lines.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/names.hpp"
#include "base/text.hpp"

namespace hockney::predict {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

std::string quoted_with_hint(const std::string& name, std::span<const std::string_view> known) {
  constexpr std::size_t short_name = 3;  // near to too many
  const std::string_view nearest = nearest_name(name, known);
  return name.size() > short_name && is_near_name(name, nearest)
             ? fmt::format("'{}' (did you mean '{}'?)", name, nearest)
             : fmt::format("'{}'", name);
}

char separator_of(std::string_view first_line) {
  constexpr std::string_view known = ",;\t";
  const auto is_rarer = [&](char a, char b) {
    return std::count(first_line.begin(), first_line.end(), a) < std::count(first_line.begin(), first_line.end(), b);
  };
  return *std::max_element(known.begin(), known.end(), is_rarer);
}

// Without blanks around it; empty for one of not_stated.
std::string_view stated(std::string_view field) {
  const std::string_view text = trimmed(field);
  const bool is_number = !text.empty() && text.front() >= '0' && text.front() <= '9';  // most are
  const bool is_stated = is_number || std::find(not_stated.begin(), not_stated.end(), text) == not_stated.end();
  return is_stated ? text : std::string_view();
}

// The value that a word stands for as it is, else in small letters and without other signs.
template <class Value, std::size_t size>
std::optional<Value> meant_by(std::string_view text, const std::array<NamedValue<Value>, size>& words) {
  const auto find = [&](std::string_view word) {
    return std::find_if(words.begin(), words.end(), [&](const auto& each) { return each.second == word; });
  };
  auto found = find(text);
  found = found == words.end() ? find(letters_and_digits(text)) : found;
  return found == words.end() ? std::nullopt : std::optional(found->first);
}

}  // namespace

TableLines::TableLines(std::string_view text, std::string origin, std::span<const std::string_view> known,
                       std::span<const ColumnAlias> aliases)
    : rest_(text), origin_(std::move(origin)) {
  if (rest_.starts_with(byte_order_mark)) {
    rest_.remove_prefix(byte_order_mark.size());
  }
  separator_ = separator_of(rest_.substr(0, rest_.find('\n')));
  if (!next_line() || line_.empty()) {
    throw InputError(fmt::format("{}: empty; expected a line of column names and rows", origin_));
  }
  header_ = line_;
  name_columns(known, aliases);
}

void TableLines::name_columns(std::span<const std::string_view> known, std::span<const ColumnAlias> aliases) {
  using enum HeadingReading;
  columns_.resize(fields_.size());
  const bool has_extremes = are_extremes(fields_);
  for (const auto reading : {as_it_is, written, gist, other_unit, written_before_bracket, gist_before_bracket}) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string_view heading = trimmed(fields_[i]);
      const std::string bracket = lower_case(in_brackets(heading));
      if (has_extremes && (bracket == "min" || bracket == "max")) {
        continue;
      }
      const NamedColumn named = column_meant(heading, reading, known, aliases);
      const bool is_taken = column(named.name).has_value();
      if (reading == as_it_is && is_taken && !named.name.empty()) {
        throw InputError(fmt::format("{}: column '{}' twice", place(), named.name));
      }
      if (columns_[i].meant.name.empty() && !is_taken) {
        columns_[i] = {std::string(heading), named};
      }
    }
  }
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].meant.name.empty()) {
      ignored_ += (ignored_.empty() ? "" : ", ") + quoted_with_hint(std::string(trimmed(fields_[i])), known);
    }
  }
  if (!ignored_.empty()) {
    ignored_ = fmt::format("{}: columns that are not read: {}", origin_, ignored_);
  }
}

std::string_view TableLines::field(std::optional<std::size_t> column) const {
  return column ? fields_[*column] : std::string_view();
}

void TableLines::require_own_unit(std::size_t column) const {
  if (columns_[column].meant.is_strange) {
    refuse(columns_[column].meant.name,
           fmt::format("'{}': numbers of this column are not read in such a unit", columns_[column].text));
  }
}

// Empty where there are none, or not between groups of three digits.
std::string TableLines::without_separators(std::string_view text, std::string_view separators) {
  constexpr std::size_t group = 3;
  const std::string_view whole = text.substr(0, text.find('.'));
  const std::size_t first = whole.find_first_of(separators);
  if (first == std::string_view::npos || first == 0 || first > group || (whole.size() - first) % (group + 1) != 0) {
    return {};
  }
  std::string plain(whole.substr(0, first));
  for (std::size_t at = first; at < whole.size(); at += group + 1) {
    if (whole[at] != whole[first]) {
      return {};
    }
    plain += whole.substr(at + 1, group);
  }
  return plain.append(text.substr(whole.size()));
}

void TableLines::read_word(std::string_view text, bool& value) {
  static constexpr std::array<NamedValue<bool>, 10> words{{{true, "1"},
                                                           {false, "0"},
                                                           {true, "true"},
                                                           {false, "false"},
                                                           {true, "yes"},
                                                           {false, "no"},
                                                           {true, "y"},
                                                           {false, "n"},
                                                           {true, "on"},
                                                           {false, "off"}}};
  if (const auto known = meant_by(text, words)) {
    value = *known;
  } else {
    read_text(text, value);
  }
}

void TableLines::read_word(std::string_view text, Recompute& value) {
  static constexpr std::array<NamedValue<Recompute>, 14> words{{{Recompute::none, "none"},
                                                                {Recompute::none, "no"},
                                                                {Recompute::none, "off"},
                                                                {Recompute::none, "false"},
                                                                {Recompute::none, "disabled"},
                                                                {Recompute::none, "0"},
                                                                {Recompute::selective, "selective"},
                                                                {Recompute::full, "full"},
                                                                {Recompute::full, "yes"},
                                                                {Recompute::full, "on"},
                                                                {Recompute::full, "true"},
                                                                {Recompute::full, "uniform"},
                                                                {Recompute::full, "block"},
                                                                {Recompute::full, "1"}}};
  const auto known = meant_by(text, words);
  value = known ? *known : parse_name<Recompute>(text);
}

bool TableLines::next() {
  do {
    if (!next_line()) {
      return false;
    }
  } while (line_.empty());
  if (fields_.size() != columns_.size()) {
    throw InputError(
        fmt::format("{}: {} fields, expected {} as in the first line", place(), fields_.size(), columns_.size()));
  }
  std::transform(fields_.begin(), fields_.end(), fields_.begin(), stated);
  return true;
}

std::string TableLines::place() const { return fmt::format("{}:{}", origin_, number_); }

std::optional<std::size_t> TableLines::column(std::string_view name) const {
  const auto found =
      std::find_if(columns_.begin(), columns_.end(), [&](const Heading& each) { return each.meant.name == name; });
  return found == columns_.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - columns_.begin()));
}

void TableLines::refuse(std::string_view column, std::string_view message) const {
  throw InputError(fmt::format("{}: column '{}': {}", place(), column, message));
}

bool TableLines::next_line() {
  if (rest_.empty()) {
    return false;
  }
  fields_.clear();
  unquoted_.clear();
  number_ = next_number_;
  std::size_t end = 0;
  for (bool is_last = false; !is_last; end += is_last ? 0 : 1) {
    end = end < rest_.size() && rest_[end] == '"' ? quoted_field(end) : plain_field(end);
    is_last = end == rest_.size() || rest_[end] == '\n';
  }
  line_ = rest_.substr(0, end);
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
  if (line_.ends_with('\r')) {
    line_.remove_suffix(1);
  }
  ++next_number_;
  return true;
}

// Adds the field that begins there; returns where the separator or line end behind it stands.
std::size_t TableLines::plain_field(std::size_t from) {
  std::size_t end = from;
  while (end < rest_.size() && rest_[end] != separator_ && rest_[end] != '\n') {
    ++end;
  }
  const bool is_last = end == rest_.size() || rest_[end] == '\n';
  const bool has_return = is_last && end > from && rest_[end - 1] == '\r';
  fields_.push_back(rest_.substr(from, end - from - (has_return ? 1 : 0)));
  return end;
}

std::size_t TableLines::quoted_field(std::size_t from) {
  std::string& text = unquoted_.emplace_back();
  std::size_t at = from + 1;
  for (;; ++at) {
    const bool is_quote = at < rest_.size() && rest_[at] == '"';
    if (at == rest_.size()) {
      lose_line();
    } else if (is_quote && rest_.substr(at + 1).starts_with('"')) {
      ++at;
    } else if (is_quote) {
      break;
    }
    next_number_ += rest_[at] == '\n' ? 1 : 0;
    text += rest_[at];
  }
  ++at;
  const std::string_view behind = rest_.substr(at);
  const bool has_return = behind.starts_with("\r\n") || behind == "\r";
  if (!behind.empty() && !has_return && behind.front() != separator_ && behind.front() != '\n') {
    lose_line();
  }
  fields_.push_back(text);
  return at + (has_return ? 1 : 0);
}

// Where a quote is left open, nobody knows where the line was meant to end: what follows its first line end is read.
void TableLines::lose_line() {
  const std::size_t end = std::min(rest_.find('\n'), rest_.size());
  line_ = rest_.substr(0, end);
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
  next_number_ = number_ + 1;
  throw InputError(fmt::format(
      "{}: a field begins with a quote and does not end with one, before a separator or line end", place()));
}

}  // namespace hockney::predict
