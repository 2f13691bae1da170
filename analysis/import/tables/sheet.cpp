#include "import/tables/sheet.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "import/imported_points.hpp"
#include "import/tables/cells.hpp"
#include "import/tables/column_groups.hpp"
#include "import/tables/plain_text.hpp"
#include "import/tables/sentences.hpp"
#include "import/tables/turned_sheet.hpp"
#include "import/text/log_line.hpp"

namespace hockney::import {
namespace {

constexpr std::size_t longest_header = 1 << 14;
constexpr std::size_t most_prose = 1000;  // lines above a table that are read for what they say

// Most lines of a log are no headers, and reading headings takes time.
bool may_name_a_size(std::string_view text) {
  constexpr std::array<std::string_view, 20> words{"size", "sz",      "byte",   "msg",    "message", "payload", "count",
                                                   "elem", "data",    "buffer", "tensor", "volume",  "ib",      "b ",
                                                   "b)",   "groesse", "taille", "tamano", "octet",   "o)"};
  return holds_any(lower_case(text) + ' ', words);
}

std::string_view without_hash(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of("# \t"), text.size()));
}

struct Header {
  char delimiter = ',';
  std::vector<Column> columns;
  bool outer_bars = false;  // '|' stands before its first column, too

  // Several tabs may stand between two cells, so that they lie below their headings.
  std::vector<std::string> under_headings(std::vector<std::string> cells) const {
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

  // Where the header has no bar before its first column, a row that begins with one has nothing in it.
  std::vector<std::string> cells_of(std::string_view row) const {
    auto cells = cells_of_line(row, delimiter, columns.size());
    if (delimiter == '|' && !outer_bars && trimmed(row).starts_with('|')) {
      cells.insert(cells.begin(), std::string{});
    }
    return delimiter == '\t' && cells.size() != columns.size() ? under_headings(std::move(cells)) : cells;
  }
};

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
    if (open_ && sheet().rows.empty() && take_units(text)) {
      return;
    }
    if (take_pairs(i, text)) {
      return;
    }
    if (auto header = find_header(i)) {
      close_pairs();
      flush_prose();
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
      if (is_data(sheet().rows.back().cells)) {
        return;
      }
      sheet().rows.pop_back();
    }
    open_ = false;
  }

  // Whether a row of the open table has a size, or a number where the headings are the sizes.
  bool is_data(const std::vector<std::string>& cells) const {
    const auto& columns = header_.columns;
    return std::any_of(columns.begin(), columns.end(), is_size)
               ? has_size(cells)
               : std::any_of(cells.begin(), cells.end(), [](const auto& cell) { return read_quantity(cell, {}); });
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
    result_.sheets.push_back({context_.facts(), context_.title(), number, header_.columns, {}, {}});
    open_ = true;
  }

  void add_row(std::size_t i, std::vector<std::string> cells) {
    const bool changed = flush_prose();
    if (changed && !sheet().rows.empty()) {
      open_sheet(lines_[i].number);
    }
    if (changed || sheet().rows.empty()) {
      sheet().facts = context_.facts();
    }
    sheet().rows.push_back({lines_[i].number, std::move(cells)});
  }

  // Whether the text since the last row or header says something new.
  bool flush_prose() {
    bool changed = false;
    if (!prose_.empty() && open_ && !sheet().rows.empty()) {
      context_.end_table();
    }
    for (std::size_t k = prose_.size() - std::min(prose_.size(), most_prose); k < prose_.size(); ++k) {
      changed = context_.take(texts_[prose_[k]]) || changed;
    }
    prose_.clear();
    return changed;
  }

  void take_prose(std::size_t i, const std::string& text) {
    close_pairs();
    open_ = open_ && !is_other_header(i, text);
    if (text.find_first_not_of(" \t") != text.find('#') && looks_like_data(without_hash(text))) {
      result_.stray.push_back(
          {lines_[i].number, "looks like data, but stands under no header with a size and a time or a bandwidth"});
    } else {
      prose_.push_back(i);
    }
  }

  std::optional<Header> find_header(std::size_t i) const {
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
          Header header{delimiter, read_columns(i, delimiter, headings), body.starts_with('|')};
          if (is_header_before(i, header)) {
            return header;
          }
        }
      }
    }
    return std::nullopt;
  }

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
  bool is_header_before(std::size_t i, const Header& header) const {
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
    for (std::size_t k = 0; k < columns.size(); ++k) {
      const auto quantity = read_quantity(row[k], {});
      const bool open = columns[k].role == ColumnRole::value || columns[k].role == ColumnRole::other ||
                        columns[k].series.size.has_value();
      if (quantity && open &&
          ((quantity->unit && is_time_or_rate(*quantity->unit)) || columns[k].role != ColumnRole::other ||
           prose_tells_unit())) {
        return true;
      }
    }
    return false;
  }

  bool prose_tells_unit() const {
    constexpr std::size_t near = 5;
    const std::size_t first = prose_.size() - std::min(prose_.size(), near);
    return std::any_of(prose_.begin() + static_cast<std::ptrdiff_t>(first), prose_.end(),
                       [&](std::size_t line) { return facts_in(texts_[line]).unit.has_value(); });
  }

  std::vector<std::string> first_row_after(std::size_t i, const Header& header) const {
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

  // "(B)  (us)  (GB/s)" under a header
  static bool is_units_line(const std::string& text) {
    const auto words = words_of(without_hash(text));
    return !words.empty() && std::all_of(words.begin(), words.end(), [](std::string_view word) {
      return word == "|" || unit_of_word(trimmed(word, "()[]|")).has_value();
    });
  }

  bool take_units(const std::string& text) {
    if (!is_units_line(text)) {
      return false;
    }
    const std::string& header = texts_[header_at_];
    for (std::size_t at = text.find_first_not_of("# \t|"); at < text.size();) {
      const std::size_t end = std::min(text.find_first_of(" \t|", at), text.size());
      const std::string_view word = std::string_view(text).substr(at, end - at);
      if (const auto unit = unit_of_word(trimmed(word, "()[]"))) {
        give_unit(header, at + (end - at) / 2, *unit);
      }
      at = std::min(text.find_first_not_of(" \t|", end), text.size());
    }
    return true;
  }

  // To the column whose heading stands nearest above.
  void give_unit(const std::string& header, std::size_t position, const Unit& unit) {
    Column* nearest = nullptr;
    std::size_t least = header.size() + position;
    std::size_t from = 0;
    for (Column& column : sheet().columns) {
      const std::size_t begin = header.find(column.heading, from);
      if (begin == std::string::npos) {
        return;
      }
      from = begin + column.heading.size();
      const std::size_t middle = (begin + from) / 2;
      const std::size_t distance = middle > position ? middle - position : position - middle;
      if (distance < least) {
        least = distance;
        nearest = &column;
      }
    }
    if (nearest != nullptr && !nearest->unit) {
      *nearest = with_unit(*nearest, unit);
    }
  }

  static Column with_unit(Column column, const Unit& unit) {
    const bool fits =
        (is_size(column) && !is_time_or_rate(unit)) ||
        (column.role == ColumnRole::time && unit.kind == UnitKind::time) ||
        ((column.role == ColumnRole::algbw || column.role == ColumnRole::busbw) && unit.kind == UnitKind::rate);
    if (fits) {
      column.unit = unit;
    } else if (column.role == ColumnRole::other && is_time_or_rate(unit)) {
      column.role = unit.kind == UnitKind::time ? ColumnRole::time : ColumnRole::algbw;
      column.either_bandwidth = unit.kind == UnitKind::rate;
      column.unit = unit;
    }
    return column;
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
    if (header_.delimiter == ' ' ? (fits && has_size(cells)) || looks_like_data(text)
                                 : has_number || (fits && header_.delimiter == '|')) {
      return cells;
    }
    return std::nullopt;
  }

  bool has_size(const std::vector<std::string>& cells) const {
    for (std::size_t k = 0; k < std::min(cells.size(), header_.columns.size()); ++k) {
      if (is_size(header_.columns[k]) && read_quantity(cells[k], {})) {
        return true;
      }
    }
    return false;
  }

  // "algbw: 11.396 GBps (91.2 Gbps)", "size: 1 MB, time: 45.3 us": cells of a table whose headings are the keys. A key
  // that comes again begins the next row.
  bool take_pairs(std::size_t i, const std::string& text) {
    const auto pairs = pairs_in(text);
    for (const auto& [key, value] : pairs) {
      const auto [found, fresh] = column_of_key_.try_emplace(key, pairs_.columns.size());
      const std::size_t index = found->second;
      if (fresh) {
        pairs_.columns.push_back(read_heading(key));
      }
      const bool again =
          pairs_.rows.empty() || (index < pairs_.rows.back().cells.size() && !pairs_.rows.back().cells[index].empty());
      if (again) {
        pairs_.rows.push_back({lines_[i].number, {}});
      }
      pairs_.rows.back().cells.resize(std::max(pairs_.rows.back().cells.size(), index + 1));
      pairs_.rows.back().cells[index] = value;
    }
    pairs_.header_line = pairs_.rows.empty() ? 0 : pairs_.rows.front().line;
    return !pairs.empty();
  }

  // 'time_us{op="all_reduce",bytes="1024"} 14.5', a line of Prometheus, as pairs; other lines as they are.
  static std::string labels_as_pairs(std::string_view text) {
    const std::size_t open = text.find('{');
    const std::size_t close = std::min(text.rfind('}'), text.size() - 1);
    const auto behind = words_of(text.substr(close + 1));
    return open == 0 || open >= close || behind.empty() || !read_quantity(behind.front(), {})
               ? std::string(text)
               : fmt::format("{}, {}: {}", text.substr(open + 1, close - open - 1), text.substr(0, open),
                             behind.front());
  }

  // Keys that are headings, with their values; nothing where a part of the line is no "key: value".
  static std::vector<std::pair<std::string, std::string>> pairs_in(const std::string& text) {
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

  void close_pairs() {
    constexpr std::size_t most_keys = 256;  // "iteration 1 time: 5 ms", "iteration 2 time: 5 ms", ... is a log
    if (pairs_.rows.empty()) {
      return;
    }
    flush_prose();
    pairs_.facts = context_.facts();
    pairs_.title = context_.title();
    if (column_of_key_.size() <= most_keys && pairs_.facts.payload &&
        std::none_of(pairs_.columns.begin(), pairs_.columns.end(), is_size)) {
      Column size = read_heading("size");
      size.unit = pairs_.facts.payload->unit;
      pairs_.columns.push_back(size);
      for (SheetRow& row : pairs_.rows) {
        row.cells.resize(pairs_.columns.size());
        row.cells.back() = fmt::format("{}", pairs_.facts.payload->number.value);
      }
    }
    if (column_of_key_.size() <= most_keys && is_header(pairs_.columns)) {
      result_.sheets.push_back(std::move(pairs_));
      open_ = false;
    }
    pairs_ = {};
    column_of_key_.clear();
  }

  std::span<const LogLine> lines_;
  std::vector<std::string> texts_;
  std::vector<std::size_t> prose_;  // since the last header or row
  Context context_;
  Header header_;
  Sheet pairs_;  // of the lines "key: value" since the last other line
  std::map<std::string, std::size_t> column_of_key_;
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
