#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>

#include "render/cell_text.hpp"
#include "render/view.hpp"

namespace hockney::render {
namespace {

/// Long texts that a column of a table refers to by marks, in the order of their first use.
class Footnotes {
 public:
  explicit Footnotes(Shown marks) : marks_(marks) {}

  std::string marks_of(const Cell& cell) {
    std::string marks;
    if (const auto* texts = std::get_if<std::vector<std::string>>(&cell.value())) {
      for (const std::string& text : *texts) {
        marks += mark(text);
      }
    } else if (const auto* text = std::get_if<std::string>(&cell.value())) {
      marks = mark(*text);
    }
    return marks.empty() ? "-" : marks;
  }

  std::string print() const {
    std::string text;
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      text += fmt::format("{} {}\n", mark_at(i), texts_[i]);
    }
    return text;
  }

 private:
  std::string mark(const std::string& text) {
    const auto found = std::find(texts_.begin(), texts_.end(), text);
    const auto place = static_cast<std::size_t>(found - texts_.begin());
    if (found == texts_.end()) {
      texts_.push_back(text);
    }
    return mark_at(place);
  }

  std::string mark_at(std::size_t place) const {
    constexpr std::size_t letters = 26;
    if (marks_ == Shown::as_number) {
      return fmt::format("[{}]", place + 1);
    }
    const char letter = static_cast<char>('a' + place % letters);
    return place < letters ? fmt::format("({})", letter) : fmt::format("({}{})", letter, place / letters);
  }

  Shown marks_;
  std::vector<std::string> texts_;
};

bool has_place(const Column& column) { return column.shown != Shown::nowhere && column.shown != Shown::above_row; }

bool has_footnotes(const Column& column) {
  return column.shown == Shown::as_number || column.shown == Shown::as_letter;
}

TextTable headings_of(const Table& table) {
  std::vector<TextTable::Column> headings;
  for (const Column& column : table.columns) {
    if (has_place(column)) {
      headings.push_back({column.heading, column.align});
    }
  }
  return TextTable(std::move(headings));
}

std::string lines_above(const Table& table, const std::vector<Cell>& row) {
  std::string text;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    text += table.columns[i].shown == Shown::above_row ? text_of(row[i], table.columns[i].form) + "\n" : "";
  }
  return text;
}

/// Puts what stands above each row between the lines of a table whose first line is the heading.
std::string between_rows(const std::string& laid_out, const Table& table) {
  std::size_t begin = laid_out.find('\n') + 1;
  std::string text = laid_out.substr(0, begin);
  for (const std::vector<Cell>& row : table.rows) {
    const std::size_t end = laid_out.find('\n', begin) + 1;
    text += lines_above(table, row) + laid_out.substr(begin, end - begin);
    begin = end;
  }
  return text;
}

std::string rows_as_text(const Table& table) {
  TextTable laid_out = headings_of(table);
  std::map<std::size_t, Footnotes> footnotes;
  for (const std::vector<Cell>& row : table.rows) {
    std::vector<std::string> cells;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const Column& column = table.columns[i];
      if (has_footnotes(column)) {
        cells.push_back(footnotes.try_emplace(i, column.shown).first->second.marks_of(row.at(i)));
      } else if (has_place(column)) {
        cells.push_back(text_of(row.at(i), column.form));
      }
    }
    laid_out.add(std::move(cells));
  }
  std::string text = between_rows(laid_out.print(), table);
  for (const auto& [column, notes] : footnotes) {
    text += notes.print();
  }
  return text;
}

std::string as_lines(const std::vector<std::string>& lines, std::string_view indent = "") {
  std::string text;
  for (const std::string& line : lines) {
    text += fmt::format("{}{}\n", indent, line);
  }
  return text;
}

bool is_shown(const Table& table) {
  return !table.rows.empty() && std::any_of(table.columns.begin(), table.columns.end(), has_place);
}

std::string as_text(const Table& table) {
  std::string text = table.title.empty() ? "" : fmt::format("\n{}\n", table.title);
  text += as_lines(table.lines);
  text += is_shown(table) ? rows_as_text(table) : "";
  return text + as_lines(table.remarks);
}

std::string facts_as_text(const View& view) {
  constexpr std::string_view warning = "WARNING";
  std::size_t width = 0;
  for (const Fact& fact : view.facts) {
    width = std::max(width, fact.label.size());
  }
  if (width == 0) {
    return as_lines(view.warnings);
  }
  width = std::max(width, view.warnings.empty() ? 0 : warning.size()) + 2;
  std::string text;
  for (const Fact& fact : view.facts) {
    text += fact.label.empty() ? "" : fmt::format("{:<{}}{}\n", fact.label, width, text_of(fact.value, fact.form));
  }
  return text + as_lines(view.warnings, fmt::format("{:<{}}", warning, width));
}

}  // namespace

std::string to_text(const View& view) {
  std::string text = view.title.empty() ? "" : view.title + "\n";
  text += facts_as_text(view);
  for (const Table& table : view.tables) {
    text += as_text(table);
  }
  text += view.notes.empty() ? "" : "\nnotes:\n" + as_lines(view.notes, "  ");
  return text.starts_with('\n') ? text.substr(1) : text;
}

}  // namespace hockney::render
