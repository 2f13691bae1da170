#include "predict/score/table_lines.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/names.hpp"

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

}  // namespace

TableLines::TableLines(std::string_view text, std::string origin, std::span<const std::string_view> known)
    : rest_(text), origin_(std::move(origin)) {
  if (rest_.starts_with(byte_order_mark)) {
    rest_.remove_prefix(byte_order_mark.size());
  }
  if (!next_line() || line_.empty()) {
    throw InputError(fmt::format("{}: empty; expected a line of column names and rows", origin_));
  }
  header_ = line_;
  columns_.assign(fields_.begin(), fields_.end());
  for (const std::string& column : columns_) {
    if (std::find(known.begin(), known.end(), column) == known.end()) {
      ignored_ += (ignored_.empty() ? "" : ", ") + quoted_with_hint(column, known);
    } else if (std::count(columns_.begin(), columns_.end(), column) > 1) {
      throw InputError(fmt::format("{}: column '{}' twice", place(), column));
    }
  }
  if (!ignored_.empty()) {
    ignored_ = fmt::format("{}: columns that are not read: {}", origin_, ignored_);
  }
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

// Adds the field that begins there; returns where the comma or line end behind it stands.
std::size_t TableLines::plain_field(std::size_t from) {
  std::size_t end = from;
  while (end < rest_.size() && rest_[end] != ',' && rest_[end] != '\n') {
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
  if (!behind.empty() && !has_return && behind.front() != ',' && behind.front() != '\n') {
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
  throw InputError(
      fmt::format("{}: a field begins with a quote and does not end with one, before a comma or line end", place()));
}

}  // namespace hockney::predict
