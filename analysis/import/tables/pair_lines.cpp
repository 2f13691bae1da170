#include "import/tables/pair_lines.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "import/imported_points.hpp"
#include "import/tables/cells.hpp"
#include "import/text/log_line.hpp"

namespace hockney::import {
namespace {

// A text with more is a log: "iteration 1 time: 5 ms", "iteration 2 time: 5 ms", ... No more rows are kept of it: each
// would have a cell for every key.
constexpr std::size_t most_keys = 256;

// 'time_us{op="all_reduce",bytes="1024"} 14.5', a line of Prometheus, as pairs; other lines as they are.
std::string labels_as_pairs(std::string_view text) {
  const std::size_t open = text.find('{');
  const std::size_t close = std::min(text.rfind('}'), text.size() - 1);
  const auto behind = words_of(text.substr(close + 1));
  return open == 0 || open >= close || behind.empty() || !read_quantity(behind.front(), {})
             ? std::string(text)
             : fmt::format("{}, {}: {}", text.substr(open + 1, close - open - 1), text.substr(0, open), behind.front());
}

// Lines of Prometheus: a bucket of a histogram, or another quantile than the median.
bool is_no_median(std::string_view text) {
  constexpr std::array<std::string_view, 2> buckets{"{le=\"", ",le=\""};
  const std::string_view quantile = text.substr(std::min(text.find("quantile=\""), text.size()));
  return holds_any(text, buckets) || (!quantile.empty() && !quantile.starts_with("quantile=\"0.5\""));
}

// Keys that are headings, with their values; nothing where a part of the line is no "key: value".
std::vector<std::pair<std::string, std::string>> pairs_in(const std::string& text) {
  constexpr std::size_t longest = 300;
  std::vector<std::pair<std::string, std::string>> pairs;
  bool results = false;
  if (text.size() > longest) {
    return pairs;
  }
  for (const std::string& part : cells_of_line(labels_as_pairs(without_hash(text)), ',')) {
    const std::size_t sign = part.find_first_of(":=");
    constexpr std::string_view around = " \t*-{}'\"";
    const std::string key(trimmed(part.substr(0, std::min(sign, part.size())), around));
    if (sign == std::string::npos || key.empty()) {
      return {};
    }
    const std::string value(trimmed(part.substr(sign + 1), " \t*{}'\""));
    const Column column = read_heading(key);
    const bool result = read_quantity(value, {}) && (is_size(column) || is_value(column.role));
    const bool case_of = column.role == ColumnRole::ranks || column.role == ColumnRole::nodes ||
                         column.role == ColumnRole::element || operation_of_word(value);
    results = results || result;
    if (result || case_of) {
      pairs.emplace_back(key, value);
    }
  }
  return results ? pairs : std::vector<std::pair<std::string, std::string>>{};
}

}  // namespace

bool PairLines::take(std::size_t number, const std::string& text) {
  if (is_no_median(text)) {
    return true;
  }
  const auto pairs = pairs_in(text);
  for (const auto& [key, value] : pairs) {
    const auto [found, fresh] = column_of_key_.try_emplace(key, sheet_.columns.size());
    const std::size_t index = found->second;
    if (column_of_key_.size() > most_keys) {
      break;
    }
    if (fresh) {
      sheet_.columns.push_back(read_heading(key));
    }
    if (is_empty() || !sheet_.rows.back().cell(index).empty()) {
      sheet_.rows.push_back({number, {}});
    }
    std::vector<std::string>& cells = sheet_.rows.back().cells;
    cells.resize(std::max(cells.size(), index + 1));
    cells[index] = value;
  }
  sheet_.header_line = is_empty() ? 0 : sheet_.rows.front().line;
  return !pairs.empty();
}

std::optional<Sheet> PairLines::close(const TextAbove& above) {
  Sheet sheet = std::exchange(sheet_, {});
  if (std::exchange(column_of_key_, {}).size() > most_keys) {
    return std::nullopt;
  }
  sheet.facts = above.facts();
  sheet.title = above.title();
  if (sheet.facts.payload && std::none_of(sheet.columns.begin(), sheet.columns.end(), is_size)) {
    Column size = read_heading("size");
    size.unit = sheet.facts.payload->unit;
    sheet.columns.push_back(size);
    for (SheetRow& row : sheet.rows) {
      row.cells.resize(sheet.columns.size());
      row.cells.back() = fmt::format("{}", sheet.facts.payload->number.value);
    }
  }
  return is_header(sheet.columns) ? std::optional(std::move(sheet)) : std::nullopt;
}

}  // namespace hockney::import
