#pragma once

#include <string>
#include <vector>

namespace hockney::inline base {

enum class Align { left, right };

/// A table of plain text for a terminal: a heading per column (units stand in it), columns as wide as their widest
/// cell, two blanks between columns, no rules. Width counts UTF-8 code points, so α and β do not shift a column.
class TextTable {
 public:
  struct Column {
    std::string heading;
    Align align = Align::right;
    std::size_t least_width = 0;  ///< for rows that are printed one by one, before all are known
  };

  explicit TextTable(std::vector<Column> columns);

  /// Adds a row. Throws Failure unless it has one cell per column.
  void add(std::vector<std::string> cells);

  /// Headings and all rows, each line ended by '\n', no trailing blanks.
  std::string print() const;

  /// One line, without '\n', laid out by the headings' and least widths alone: for output as it comes.
  std::string heading_line() const;
  std::string line(const std::vector<std::string>& cells) const;

 private:
  std::string lay_out(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) const;
  std::vector<std::size_t> heading_widths() const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace hockney::inline base
