#include "import/tables/table_header.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/text.hpp"
#include "import/tables/cells.hpp"
#include "import/tables/column_groups.hpp"
#include "import/tables/turned_sheet.hpp"
#include "import/tables/units_line.hpp"
#include "import/text/log_line.hpp"

namespace hockney::import {
namespace {

constexpr std::size_t longest_header = 1 << 14;

// Most lines of a log are no headers, and reading headings takes time.
bool may_name_a_size(std::string_view text) {
  constexpr std::array<std::string_view, 20> words{"size", "sz",      "byte",   "msg",    "message", "payload", "count",
                                                   "elem", "data",    "buffer", "tensor", "volume",  "ib",      "b ",
                                                   "b)",   "groesse", "taille", "tamano", "octet",   "o)"};
  return holds_any(lower_case(text) + ' ', words);
}

// Several tabs may stand between two cells, so that they lie below their headings.
std::vector<std::string> under_headings(std::vector<std::string> cells, const std::vector<Column>& columns) {
  const auto is_empty = [](const std::string& text) { return text.empty(); };
  std::vector<std::string> placed(columns.size());
  std::vector<std::string> filled;
  std::remove_copy_if(cells.begin(), cells.end(), std::back_inserter(filled), is_empty);
  auto next = filled.begin();
  for (std::size_t k = 0; k < columns.size(); ++k) {
    if (!columns[k].heading.empty() && next != filled.end()) {
      placed[k] = *next++;
    }
  }
  const auto headings =
      std::count_if(columns.begin(), columns.end(), [](const Column& each) { return !each.heading.empty(); });
  return headings == std::distance(filled.begin(), filled.end()) ? placed : cells;
}

class HeaderSearch {
 public:
  HeaderSearch(std::span<const std::string> texts, const TextAbove& above) : texts_(texts), above_(above) {}

  std::optional<TableHeader> find(std::size_t i) const {
    const std::string_view body = without_hash(texts_[i]);
    const bool has_empty_corner = body.starts_with('|') && trimmed(body.substr(1)).starts_with('|');
    if (body.size() > longest_header || !may_name_a_size(body) || (looks_like_data(body) && !has_empty_corner) ||
        comes_with_other_numbers(i)) {
      return std::nullopt;
    }
    for (const char delimiter : delimiters) {
      for (const auto& cells : header_cells(body, delimiter)) {
        if (cells.size() < 2) {
          continue;
        }
        for (const auto& headings : {cells, with_index(i, delimiter, cells), with_statistics(i, delimiter, cells)}) {
          TableHeader header{delimiter, read_columns(i, delimiter, headings), body.starts_with('|')};
          if (is_header_before(i, header)) {
            return header;
          }
        }
      }
    }
    return std::nullopt;
  }

 private:
  // Rows of words and numbers, not headings: a line beside it is the same with other numbers.
  bool comes_with_other_numbers(std::size_t i) const {
    const auto form_of = [](std::string_view text) {
      std::string form;
      for (const char c : text) {
        form += !is_digit(c) ? std::string(1, c) : form.ends_with('0') ? "" : "0";
      }
      return form;
    };
    const std::string form = form_of(texts_[i]);
    const auto alike = [&](std::size_t other) {
      return other < texts_.size() && texts_[i] != texts_[other] && form == form_of(texts_[other]);
    };
    return form.find('0') != std::string::npos && (alike(i + 1) || (i > 0 && alike(i - 1)));
  }

  // A table as pandas and R print it has a column without a heading, which counts the rows. Nothing without one.
  std::vector<std::string> with_index(std::size_t i, char delimiter, const std::vector<std::string>& cells) const {
    std::vector<double> index;
    for (std::size_t k = i + 1; delimiter == ' ' && k < texts_.size() && index.size() < 2; ++k) {
      const auto row = cells_of_line(texts_[k], delimiter, cells.size() + 1);
      const auto number = row.size() == cells.size() + 1 ? read_quantity(row.front(), {}) : std::nullopt;
      if (!number || number->unit) {
        break;
      }
      index.push_back(number->number.value);
    }
    std::vector<std::string> headings;
    if (!index.empty() && (index[0] == 0 || index[0] == 1) && (index.size() == 1 || index[1] == index[0] + 1)) {
      headings = cells;
      headings.insert(headings.begin(), "index");
    }
    return headings;
  }

  // "Size  Time, us  Bandwidth" over "avg  min  max  avg  min  max", as UCC prints it. Nothing without such a line.
  std::vector<std::string> with_statistics(std::size_t i, char delimiter, const std::vector<std::string>& cells) const {
    return delimiter == ' ' && i + 1 < texts_.size() ? with_line_below(cells, texts_[i + 1])
                                                     : std::vector<std::string>{};
  }

  // The columns under these headings; those of "Size | 1 MB | 16 MB" are of sizes, and the first one tells rows apart.
  std::vector<Column> read_columns(std::size_t i, char delimiter, const std::vector<std::string>& cells) const {
    const auto groups = group_names(line_above(i), delimiter, cells);
    std::vector<std::string> headings(cells);
    for (std::size_t k = 0; k < groups.size(); ++k) {
      headings[k] = groups[k].empty() ? headings[k] : groups[k] + " " + headings[k];
    }
    std::vector<Column> columns = read_header(headings);
    for (std::size_t k = 0; k < cells.size(); ++k) {
      columns[k].heading = cells[k];
    }
    if (columns.size() > 2 && has_columns_of_sizes(columns) && is_size(columns.front())) {
      columns.front().role = ColumnRole::other;
    }
    return columns;
  }

  // The last line above that has more than a rule on it; empty without one.
  std::string_view line_above(std::size_t i) const {
    while (i > 0 && (trimmed(texts_[i - 1]).empty() || is_rule(texts_[i - 1]))) {
      --i;
    }
    return i == 0 ? std::string_view{} : without_hash(texts_[i - 1]);
  }

  // Words between blanks, and headings that do not tell what they are over, need a row below that does.
  bool is_header_before(std::size_t i, const TableHeader& header) const {
    const std::vector<Column>& columns = header.columns;
    const auto size = std::find_if(columns.begin(), columns.end(), is_size);
    const auto sizes =
        std::count_if(columns.begin(), columns.end(), [](const Column& each) { return each.series.size.has_value(); });
    if (columns.empty() || (size == columns.end() && (sizes < 2 || columns.front().series.size))) {
      return false;
    }
    if (header.delimiter != ' ' && is_header(columns)) {
      return header.delimiter != ',' || has_commas_below(i);
    }
    const auto row = first_row_after(i, header);
    if (row.size() != columns.size()) {
      return false;
    }
    const bool sized =
        size == columns.end() || read_quantity(row[static_cast<std::size_t>(size - columns.begin())], {});
    return sized && (is_header(columns) || tells_values(columns, row));
  }

  // "Time, us" between blanks has a comma, too.
  bool has_commas_below(std::size_t i) const {
    constexpr std::size_t near = 5;
    const auto first = texts_.begin() + static_cast<std::ptrdiff_t>(i) + 1;
    const auto last = texts_.begin() + static_cast<std::ptrdiff_t>(std::min(i + 1 + near, texts_.size()));
    return first == last ||
           std::any_of(first, last, [](const std::string& text) { return text.find(',') != std::string::npos; });
  }

  bool tells_values(const std::vector<Column>& columns, const std::vector<std::string>& row) const {
    bool has_numbers = false;
    for (std::size_t k = 0; k < columns.size(); ++k) {
      const auto quantity = read_quantity(row[k], {});
      const bool open = columns[k].role == ColumnRole::value || columns[k].role == ColumnRole::other ||
                        columns[k].series.size.has_value();
      has_numbers = has_numbers || (quantity && open);
      if (quantity && open &&
          ((quantity->unit && is_time_or_rate(*quantity->unit)) || columns[k].role != ColumnRole::other)) {
        return true;
      }
    }
    return has_numbers && above_.tells_unit();
  }

  std::vector<std::string> first_row_after(std::size_t i, const TableHeader& header) const {
    constexpr std::size_t near = 5;
    for (std::size_t k = i + 1; k < std::min(i + near, texts_.size()); ++k) {
      const std::string& text = texts_[k];
      if (text.find_first_not_of(" \t") == std::string::npos || is_rule(text) || is_units_line(text) ||
          is_line_of_statistics(text)) {
        continue;
      }
      return header.cells_of(text);
    }
    return {};
  }

  std::span<const std::string> texts_;
  const TextAbove& above_;
};

}  // namespace

std::vector<std::string> TableHeader::cells_of(std::string_view row) const {
  auto cells = cells_of_line(row, delimiter, columns.size());
  if (delimiter == '|' && !outer_bars && trimmed(row).starts_with('|')) {
    cells.insert(cells.begin(), std::string{});
  }
  return delimiter == '\t' && cells.size() != columns.size() ? under_headings(std::move(cells), columns) : cells;
}

bool TableHeader::has_size(const std::vector<std::string>& cells) const {
  for (std::size_t k = 0; k < std::min(cells.size(), columns.size()); ++k) {
    if (is_size(columns[k]) && read_quantity(cells[k], {})) {
      return true;
    }
  }
  return false;
}

bool TableHeader::is_data(const std::vector<std::string>& cells) const {
  return std::any_of(columns.begin(), columns.end(), is_size)
             ? has_size(cells)
             : std::any_of(cells.begin(), cells.end(), [](const auto& cell) { return read_quantity(cell, {}); });
}

std::optional<TableHeader> find_table_header(std::span<const std::string> texts, std::size_t i,
                                             const TextAbove& above) {
  return HeaderSearch(texts, above).find(i);
}

}  // namespace hockney::import
