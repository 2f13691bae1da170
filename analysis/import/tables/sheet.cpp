#include "import/tables/sheet.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "import/tables/cells.hpp"
#include "import/tables/pair_lines.hpp"
#include "import/tables/plain_text.hpp"
#include "import/tables/sentences.hpp"
#include "import/tables/table_header.hpp"
#include "import/tables/text_above.hpp"
#include "import/tables/turned_sheet.hpp"
#include "import/tables/units_line.hpp"
#include "import/text/log_line.hpp"

namespace hockney::import {
namespace {

class Reader {
 public:
  explicit Reader(std::span<const LogLine> lines) : lines_(lines) {
    texts_.reserve(lines.size());
    for (const LogLine& line : lines) {
      texts_.push_back(plain_text(line.raw));
    }
  }

  Sheets read() {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const std::string& text = texts_[i];
      if (is_markdown_rule(text)) {
        end_above_header(i);
      } else if (text.find_first_not_of(" \t") != std::string::npos && !is_rule(text)) {
        take(i, text);
      }
    }
    close_pairs();
    std::for_each(result_.sheets.begin(), result_.sheets.end(), turn_columns_of_sizes);
    std::for_each(result_.sheets.begin(), result_.sheets.end(), join_units);
    return std::move(result_);
  }

 private:
  void take(std::size_t i, const std::string& text) {
    if (open_ && sheet().rows.empty() && is_units_line(text)) {
      give_units(text, texts_[header_at_], sheet().columns);
    } else if (pairs_.take(lines_[i].number, text)) {
      return;
    } else if (auto header = find_table_header(texts_, i, above_)) {
      close_pairs();
      settle_text();
      header_ = std::move(*header);
      header_at_ = i;
      open_sheet(lines_[i].number);
    } else if (auto cells = row_of(text)) {
      add_row(i, std::move(*cells));
    } else {
      take_prose(i, text);
    }
  }

  // Between a Markdown header and its rows.
  static bool is_markdown_rule(std::string_view text) {
    return text.find("--") != std::string_view::npos && text.find('|') != std::string_view::npos &&
           text.find_first_not_of("|-: \t") == std::string_view::npos;
  }

  // Behind rows such a rule stands below the header of another table, which was not known for one. Below a row of
  // numbers it is the end of the table, or a rule between rows.
  void end_above_header(std::size_t i) {
    if (!open_ || sheet().rows.empty()) {
      return;
    }
    if (i > 0 && sheet().rows.back().line == lines_[i - 1].number) {
      if (header_.is_data(sheet().rows.back().cells)) {
        return;
      }
      sheet().rows.pop_back();
    }
    open_ = false;
  }

  // Headings of something else below the rows of CSV.
  bool is_other_header(std::size_t i, const std::string& text) const {
    if (!open_ || result_.sheets.back().rows.empty() || header_.delimiter == ' ' || text.starts_with('#')) {
      return false;
    }
    const auto cells = cells_of_line(text, header_.delimiter);
    return cells.size() > 1 && (cells.size() == header_.columns.size() || trimmed(texts_[i - 1]).empty()) &&
           std::none_of(cells.begin(), cells.end(),
                        [](const std::string& cell) { return cell.empty() || read_quantity(cell, {}); });
  }

  Sheet& sheet() { return result_.sheets.back(); }

  void open_sheet(std::size_t number) {
    result_.sheets.push_back({above_.facts(), above_.title(), number, header_.columns, {}, {}});
    open_ = true;
  }

  void add_row(std::size_t i, std::vector<std::string> cells) {
    const bool changed = settle_text();
    if (changed && !sheet().rows.empty()) {
      open_sheet(lines_[i].number);
    }
    if (changed || sheet().rows.empty()) {
      sheet().facts = above_.facts();
    }
    sheet().rows.push_back({lines_[i].number, std::move(cells)});
  }

  bool settle_text() { return above_.settle(open_ && !sheet().rows.empty()); }

  void close_pairs() {
    if (pairs_.is_empty()) {
      return;
    }
    settle_text();
    if (auto table = pairs_.close(above_)) {
      result_.sheets.push_back(std::move(*table));
      open_ = false;
    }
  }

  void take_prose(std::size_t i, const std::string& text) {
    close_pairs();
    open_ = open_ && !is_other_header(i, text);
    if (text.find_first_not_of(" \t") != text.find('#') && looks_like_data(without_hash(text))) {
      result_.stray.push_back(
          {lines_[i].number, "looks like data, but stands under no header with a size and a time or a bandwidth"});
    } else {
      above_.add(text);
    }
  }

  std::optional<std::vector<std::string>> row_of(const std::string& text) const {
    if (!open_ || text[text.find_first_not_of(" \t")] == '#' ||
        (header_.delimiter != ' ' && text.find(header_.delimiter) == std::string::npos)) {
      return std::nullopt;
    }
    auto cells = header_.cells_of(text);
    const bool fits = cells.size() == header_.columns.size();
    const bool has_number = std::any_of(cells.begin(), cells.end(),
                                        [](const std::string& cell) { return read_quantity(cell, {}).has_value(); });
    if (header_.delimiter == ' ' ? (fits && header_.has_size(cells)) || looks_like_data(text)
                                 : has_number || (fits && header_.delimiter == '|')) {
      return cells;
    }
    return std::nullopt;
  }

  std::span<const LogLine> lines_;
  std::vector<std::string> texts_;
  TextAbove above_;
  TableHeader header_;
  PairLines pairs_;
  Sheets result_;
  std::size_t header_at_ = 0;  // its index in lines_
  bool open_ = false;
};

}  // namespace

Sheets read_sheets(std::span<const LogLine> lines) {
  Sheets found = Reader(lines).read();
  if (found.sheets.empty()) {
    return read_sentences(lines);
  }
  return found;
}

}  // namespace hockney::import
