#include "predict/score/table_lines.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/names.hpp"

namespace hockney::predict {

TableLines::TableLines(std::string_view text, std::string origin, std::span<const std::string_view> known)
    : rest_(text), origin_(std::move(origin)) {
  if (!next_line() || line_.empty()) {
    throw InputError(fmt::format("{}: empty; expected a line of column names and rows", origin_));
  }
  header_ = line_;
  split();
  columns_.assign(fields_.begin(), fields_.end());
  for (const std::string& column : columns_) {
    if (std::find(known.begin(), known.end(), column) == known.end()) {
      throw InputError(fmt::format("{}: {}", place(), unknown_name("column", column, known)));
    }
    if (std::count(columns_.begin(), columns_.end(), column) > 1) {
      throw InputError(fmt::format("{}: column '{}' twice", place(), column));
    }
  }
}

bool TableLines::next() {
  do {
    if (!next_line()) {
      return false;
    }
  } while (line_.empty());
  split();
  if (fields_.size() != columns_.size()) {
    throw InputError(
        fmt::format("{}: {} fields, expected {} as in the first line", place(), fields_.size(), columns_.size()));
  }
  return true;
}

std::string TableLines::place() const { return fmt::format("{}:{}", origin_, number_); }

std::optional<std::size_t> TableLines::column(std::string_view name) const {
  const auto found = std::find(columns_.begin(), columns_.end(), name);
  return found == columns_.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - columns_.begin()));
}

void TableLines::refuse(std::string_view column, std::string_view message) const {
  throw InputError(fmt::format("{}: column '{}': {}", place(), column, message));
}

std::optional<double> TableLines::positive(std::optional<std::size_t> column) const {
  double value = 0;
  if (!read(column, value)) {
    return std::nullopt;
  }
  if (!(value > 0)) {
    refuse(columns_[*column], fmt::format("'{}': expected a number above 0, or nothing", value));
  }
  return value;
}

bool TableLines::next_line() {
  if (rest_.empty()) {
    return false;
  }
  const std::size_t end = std::min(rest_.find('\n'), rest_.size());
  line_ = rest_.substr(0, end);
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
  if (!line_.empty() && line_.back() == '\r') {
    line_.remove_suffix(1);
  }
  ++number_;
  return true;
}

void TableLines::split() {
  fields_.clear();
  unquoted_.clear();
  bool quoted = false;
  bool had_quotes = false;
  std::size_t from = 0;
  for (std::size_t i = 0; i <= line_.size(); ++i) {
    if (i == line_.size() || (line_[i] == ',' && !quoted)) {
      const std::string_view field = line_.substr(from, i - from);
      fields_.push_back(had_quotes ? unquoted(field) : field);
      had_quotes = false;
      from = i + 1;
    } else if (line_[i] == '"') {
      quoted = !quoted;
      had_quotes = true;
    }
  }
}

std::string_view TableLines::unquoted(std::string_view field) {
  std::string& text = unquoted_.emplace_back();
  bool quoted = false;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] != '"') {
      text += field[i];
    } else if (quoted && i + 1 < field.size() && field[i + 1] == '"') {
      text += field[++i];
    } else {
      quoted = !quoted;
    }
  }
  return text;
}

}  // namespace hockney::predict
